import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useList } from "../api/query";
import { type Domain, at } from "../api/types";
import { Inactive } from "../parts/Badges";
import { useFormat } from "../parts/format";
import { IconPlus, IconWorld } from "../parts/icons";
import { Page } from "../parts/Page";
import { RowErase, RowLink } from "../parts/RowLink";
import { Empty } from "../parts/States";
import { type Column, Table } from "../parts/Table";
import { UsageBar } from "../parts/UsageBar";
import { useListAsk } from "../parts/useListAsk";
import { useMe } from "../session/session";
import { DomainErase } from "./DomainErase";

export function DomainsPage() {
  const { t } = useTranslation();
  const mayEdit = useMe().role === "super_admin";
  const control = useListAsk("domain");
  const list = useList<Domain>(at("/domains"), control.ask);
  const [erasing, setErasing] = useState<Domain | null>(null);
  const add = <Button component={Link} to="/domains/new" leftSection={<IconPlus />}>{t("domain.add")}</Button>;

  return (
    <Page title={t("domain.many")} actions={mayEdit && add}>
      <Table
        label={t("domain.many")} searchLabel={t("domain.search")} list={list} control={control}
        columns={useColumns()} keyOf={(d) => d.domain}
        rowEnd={mayEdit ? (d) => <RowErase label={t("action.deleteNamed", { name: d.domain })} onClick={() => setErasing(d)} /> : undefined}
        empty={<Empty icon={<IconWorld />} title={mayEdit ? t("domain.none") : t("domain.noneYours")}>{mayEdit && add}</Empty>}
      />
      {erasing && <DomainErase of={erasing} onDone={() => setErasing(null)} onClose={() => setErasing(null)} />}
    </Page>
  );
}

function useColumns(): Column<Domain>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const count = (n: number, limit: number | null) =>
    limit === null ? format.count(n) : t("usage.countOf", { n: format.count(n), of: format.count(limit) });
  return [
    {
      title: t("domain.one"), sort: "domain", width: "40%",
      cell: (d) => (
        <RowLink to={`/domains/${encodeURIComponent(d.domain)}/mailboxes`} name={d.domain} about={d.description}
                 badge={<Inactive active={d.active} />} />
      ),
    },
    { title: t("mailbox.many"), align: "right", cell: (d) => count(d.mailbox_count, d.mailbox_limit) },
    { title: t("alias.many"), align: "right", cell: (d) => count(d.alias_count, d.alias_limit) },
    {
      title: t("domain.storage"), width: "24%",
      cell: (d) => <UsageBar label={t("usage.label", { name: d.domain })} used={d.usage_bytes} of={d.quota_bytes} />,
    },
  ];
}
