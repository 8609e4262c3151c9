// What stands around every page of somebody logged in.
import { ActionIcon, AppShell, Burger, Group, Menu, NavLink, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useLocation } from "react-router-dom";
import type { Session } from "../api/types";
import { IconHistory, IconLink, IconLogout, IconUser, IconUsers, IconWorld } from "../parts/icons";
import { Logo } from "../parts/Logo";
import { Waiting } from "../parts/States";
import { LanguageSwitch, SchemeSwitch } from "../parts/switches";
import { homeOf, isAdmin, useLogOut } from "../session/session";
import classes from "./Shell.module.css";

export function Shell({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [open, nav] = useDisclosure(false);
  const { pathname } = useLocation();
  const withNav = isAdmin(session);
  useEffect(nav.close, [pathname]);

  return (
    <AppShell padding={0} header={{ height: 56 }}
              navbar={withNav ? { width: 232, breakpoint: "sm", collapsed: { mobile: !open } } : undefined}>
      <a href="#main" className={classes.skip}>{t("nav.skip")}</a>
      <AppShell.Header px="md" className={classes.header}>
        <Group gap="xs" wrap="nowrap">
          {withNav && <Burger opened={open} onClick={nav.toggle} hiddenFrom="sm" size="sm" aria-label={t("nav.menu")} aria-expanded={open} />}
          <Link to={homeOf(session)} className={classes.home} aria-label={t("nav.home")}><Logo /></Link>
        </Group>
        <Group gap={2} wrap="nowrap"><LanguageSwitch /><SchemeSwitch /><OwnMenu session={session} /></Group>
      </AppShell.Header>
      {withNav && <AppShell.Navbar p="sm"><Places session={session} /></AppShell.Navbar>}
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <div className={classes.content} data-alone={!withNav || undefined}>
          <Suspense fallback={<Waiting />}><Outlet /></Suspense>
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

function Places({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("nav.places")}>
      <Place to="/domains" label={t("domain.many")} icon={<IconWorld />} />
      <Place to="/alias-domains" label={t("aliasDomain.many")} icon={<IconLink />} />
      {session.role === "super_admin" && <Place to="/admins" label={t("admin.many")} icon={<IconUsers />} />}
      <Place to="/log" label={t("log.title")} icon={<IconHistory />} />
    </nav>
  );
}

function Place({ to, label, icon }: { to: string; label: string; icon: ReactNode }) {
  const { pathname } = useLocation();
  const here = pathname === to || pathname.startsWith(`${to}/`);
  return <NavLink component={Link} to={to} label={label} leftSection={icon} active={here} aria-current={here ? "page" : undefined} className={classes.place} />;
}

function OwnMenu({ session }: { session: Session }) {
  const { t } = useTranslation();
  const logOut = useLogOut();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("nav.own")} title={session.username}><IconUser /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" c="bright" fw={600} className={classes.name}>{session.username}</Text>
          <Text size="xs">{t(`role.${session.role}`)}</Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} />}>{t("account.title")}</Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logOut.mutate()}>{t("action.logOut")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
