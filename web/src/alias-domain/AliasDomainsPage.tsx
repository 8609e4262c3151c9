import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useList } from "../api/query";
import { type AliasDomain, at } from "../api/types";
import { Inactive } from "../parts/Badges";
import { useFormat } from "../parts/format";
import { IconLink, IconPlus } from "../parts/icons";
import { Page } from "../parts/Page";
import { RowErase, RowLink } from "../parts/RowLink";
import { Empty } from "../parts/States";
import { type Column, Table } from "../parts/Table";
import { useListAsk } from "../parts/useListAsk";
import { AliasDomainErase } from "./AliasDomainErase";

export function AliasDomainsPage() {
  const { t } = useTranslation();
  const control = useListAsk("alias_domain");
  const list = useList<AliasDomain>(at("/alias-domains"), control.ask);
  const [erasing, setErasing] = useState<AliasDomain | null>(null);
  const add = <Button component={Link} to="/alias-domains/new" leftSection={<IconPlus />}>{t("aliasDomain.add")}</Button>;

  return (
    <Page title={t("aliasDomain.many")} hint={t("aliasDomain.hint")} actions={add}>
      <Table
        label={t("aliasDomain.many")} searchLabel={t("aliasDomain.search")} list={list} control={control}
        columns={useColumns()} keyOf={(d) => d.alias_domain}
        empty={<Empty icon={<IconLink />} title={t("aliasDomain.none")}>{add}</Empty>}
        rowEnd={(d) => <RowErase label={t("action.deleteNamed", { name: d.alias_domain })} onClick={() => setErasing(d)} />}
      />
      {erasing && <AliasDomainErase of={erasing} onDone={() => setErasing(null)} onClose={() => setErasing(null)} />}
    </Page>
  );
}

function useColumns(): Column<AliasDomain>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      title: t("aliasDomain.one"), sort: "alias_domain", width: "40%",
      cell: (d) => (
        <RowLink to={`/alias-domains/${encodeURIComponent(d.alias_domain)}/edit`} name={d.alias_domain} about={d.description}
                 badge={<Inactive active={d.active} />} />
      ),
    },
    { title: t("aliasDomain.target"), cell: (d) => d.target_domain },
    { title: t("field.modified"), tight: true, cell: (d) => <Text size="xs" c="dimmed">{format.moment(d.modified)}</Text> },
  ];
}
