// Every address of the interface. Each page is a chunk of its own, so that the door opens quickly.
//
// An item's address ends in a word ("/edit"), never in the item's name: "/domains/example.jp" would look like a
// file to the server, and "/new" could be somebody's name.
import { type ComponentType, lazy } from "react";
import { Navigate, createBrowserRouter } from "react-router-dom";
import { LogInPage } from "../session/LogInPage";
import { Broken } from "./Broken";
import { For, Home, Inside } from "./Inside";
import { NotFound } from "./NotFound";

function page<K extends string>(load: () => Promise<Record<K, ComponentType>>, name: K) {
  const Page = lazy<ComponentType>(async () => ({ default: (await load())[name] }));
  return <Page />;
}

const domain = () => import("../domain");
const mailbox = () => import("../mailbox");
const alias = () => import("../alias");
const aliasDomain = () => import("../alias-domain");
const admin = () => import("../admin");
const account = () => import("../account/AccountPage");
const log = () => import("../log/LogPage");

export const router = createBrowserRouter([
  { path: "/login", element: <LogInPage />, errorElement: <Broken /> },
  {
    element: <Inside />,
    errorElement: <Broken />,
    children: [
      { path: "/", element: <Home /> },
      {
        element: <For roles={["domain_admin", "super_admin"]} />,
        children: [
          { path: "/domains", element: page(domain, "DomainsPage") },
          { path: "/domains/new", element: page(domain, "DomainNewPage") },
          { path: "/domains/:domain", element: <Navigate to="mailboxes" replace /> },
          { path: "/domains/:domain/mailboxes/new", element: page(mailbox, "MailboxNewPage") },
          { path: "/domains/:domain/mailboxes/:address/edit", element: page(mailbox, "MailboxPage") },
          { path: "/domains/:domain/aliases/new", element: page(alias, "AliasNewPage") },
          { path: "/domains/:domain/aliases/:address/edit", element: page(alias, "AliasPage") },
          {
            path: "/domains/:domain",
            element: page(domain, "DomainPage"),
            children: [
              { path: "mailboxes", element: page(mailbox, "MailboxList") },
              { path: "aliases", element: page(alias, "AliasList") },
              { path: "settings", element: page(domain, "DomainSettings") },
            ],
          },
          { path: "/alias-domains", element: page(aliasDomain, "AliasDomainsPage") },
          { path: "/alias-domains/new", element: page(aliasDomain, "AliasDomainNewPage") },
          { path: "/alias-domains/:domain/edit", element: page(aliasDomain, "AliasDomainPage") },
          { path: "/log", element: page(log, "LogPage") },
        ],
      },
      {
        element: <For roles={["super_admin"]} />,
        children: [
          { path: "/admins", element: page(admin, "AdminsPage") },
          { path: "/admins/new", element: page(admin, "AdminNewPage") },
          { path: "/admins/:username/edit", element: page(admin, "AdminPage") },
        ],
      },
      { path: "/account", element: page(account, "AccountPage") },
      { path: "*", element: <NotFound /> },
    ],
  },
], { future: { v7_relativeSplatPath: true, v7_fetcherPersist: true, v7_normalizeFormMethod: true, v7_partialHydration: true, v7_skipActionErrorRevalidation: true } });
