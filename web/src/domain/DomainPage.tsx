// One domain: its figures, and under them its mailboxes, its aliases, its settings, each at an address of its own.
import { Paper, Tabs, Text } from "@mantine/core";
import { type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation, useNavigate, useParams } from "react-router-dom";
import { type Answer } from "../api/request";
import { useItem } from "../api/query";
import { type Domain, at } from "../api/types";
import { Inactive } from "../parts/Badges";
import { useFormat } from "../parts/format";
import { Page } from "../parts/Page";
import { Ready, Waiting } from "../parts/States";
import { UsageBar } from "../parts/UsageBar";
import { useMe } from "../session/session";
import classes from "./DomainPage.module.css";

/** What the tabs' pages are given. */
export interface InDomain {
  item: Answer<Domain>;
  reload: () => void;
}

export function DomainPage() {
  const { t } = useTranslation();
  const { domain = "" } = useParams();
  const item = useItem<Domain>(at("/domains/{domain}", { domain }));

  return (
    <Page title={item.data?.value.domain ?? domain} trail={[{ title: t("domain.many"), to: "/domains" }]}
          badge={item.data && <Inactive active={item.data.value.active} />} hint={item.data?.value.description}>
      <Ready query={item}>
        {(answer) => (
          <>
            <Figures of={answer.value} />
            <InTabs domain={domain}>
              <Suspense fallback={<Waiting />}>
                <Outlet context={{ item: answer, reload: () => void item.refetch() } satisfies InDomain} />
              </Suspense>
            </InTabs>
          </>
        )}
      </Ready>
    </Page>
  );
}

/** The page of the address stands in its tab's panel; the other panels are empty. */
function InTabs({ domain, children }: { domain: string; children: ReactNode }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const mayEdit = useMe().role === "super_admin";
  const here = pathname.split("/").at(-1) ?? "";
  const pathOf = (tab: string | null) => `/domains/${encodeURIComponent(domain)}/${tab ?? "mailboxes"}`;
  const tabs = [{ is: "mailboxes", name: t("mailbox.many") }, { is: "aliases", name: t("alias.many") }];
  if (mayEdit) tabs.push({ is: "settings", name: t("domain.settings") });
  if (!tabs.some(({ is }) => is === here)) return <Navigate to={pathOf(null)} replace />;
  return (
    <Tabs value={here} onChange={(to) => navigate(pathOf(to))}>
      <Tabs.List aria-label={domain}>
        {tabs.map(({ is, name }) => <Tabs.Tab key={is} value={is}>{name}</Tabs.Tab>)}
      </Tabs.List>
      {tabs.map(({ is }) => <Tabs.Panel key={is} value={is} pt="lg">{is === here && children}</Tabs.Panel>)}
    </Tabs>
  );
}

function Figures({ of }: { of: Domain }) {
  const { t } = useTranslation();
  const format = useFormat();
  const count = (n: number, limit: number | null) => (
    <Text fz="xl" fw={600} lh={1.3}>
      {format.count(n)} <Text span size="sm" c="dimmed" fw={400}>{limit === null ? t("field.noLimit") : t("usage.ofCount", { of: format.count(limit) })}</Text>
    </Text>
  );
  return (
    <div className={classes.figures}>
      <Figure term={t("mailbox.many")}>{count(of.mailbox_count, of.mailbox_limit)}</Figure>
      <Figure term={t("alias.many")}>{count(of.alias_count, of.alias_limit)}</Figure>
      <Figure term={t("domain.storage")}>
        <UsageBar label={t("usage.label", { name: of.domain })} used={of.usage_bytes} of={of.quota_bytes} size="sm" />
        {of.quota_given_bytes > 0 && <Text size="xs" c="dimmed">{t("domain.given", { bytes: format.bytes(of.quota_given_bytes) })}</Text>}
      </Figure>
    </div>
  );
}

function Figure({ term, children }: { term: string; children: ReactNode }) {
  return (
    <Paper withBorder px="md" py="sm">
      <Text size="xs" c="dimmed" mb={2}>{term}</Text>
      {children}
    </Paper>
  );
}
