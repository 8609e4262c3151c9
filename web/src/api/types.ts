// The server's words for things, under the names this interface uses.
//
// generated/ is made from openapi.json (npm run types). This file is the one place that knows
// what the schemas are called there.
import type { components, paths } from "./generated/schema";
import type { ChangingVerb as Change } from "./generated/verbs";
import raw from "./generated/hints.json";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Role = Session["role"];
export type Domain = Schemas["Domain"];
export type Mailbox = Schemas["Mailbox"];
export type Forward = Schemas["Forward"];
export type Alias = Schemas["Alias"];
export type AliasDomain = Schemas["AliasDomain"];
export type Admin = Schemas["Admin"];
export type Me = Schemas["Me"];
export type LogEntry = Schemas["LogRecord"];
export type Code = Schemas["ProblemError"]["code"];

/** What a field may be, as the server declares it. */
export interface Hint {
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  itemMaxLength?: number;
}

/** By resource: what may be given when one is created. */
export const hints = {
  session: raw.CredentialsCreate,
  domain: raw.DomainCreate,
  mailbox: raw.MailboxCreate,
  forward: raw.ForwardCreate,
  alias: raw.AliasCreate,
  aliasDomain: raw.AliasDomainCreate,
  admin: raw.AdminCreate,
  password: raw.PasswordChangeCreate,
};

type NounOf<V> = V extends `${infer N}.${string}` ? N : never;
type ActionOf<V, N extends string> = V extends `${N}.${infer A}` ? A : never;
/** Words for each verb that changes something, as the log names it: "mailbox.create" and so on. */
export type VerbWords = { [N in NounOf<Change>]: Record<ActionOf<Change, N>, string> };

type Strip<P> = P extends `/api/v1${infer R}` ? R : never;
type Names<R> = R extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;

/** A route of the server, as written in openapi.json without the prefix. */
export type Route = Strip<keyof paths>;

/** at("/mailboxes/{address}", { address }): the path of an item; a route the server does not have fails to compile. */
export function at<R extends Route>(route: R, ...names: [Names<R>] extends [never] ? [] : [Record<Names<R>, string>]) {
  const given = (names[0] ?? {}) as Record<string, string>;
  return route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ""));
}
