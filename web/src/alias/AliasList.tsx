import { Badge, Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useOutletContext } from "react-router-dom";
import { useList } from "../api/query";
import { type Alias, at } from "../api/types";
import type { InDomain } from "../domain/DomainPage";
import { Inactive } from "../parts/Badges";
import { useFormat } from "../parts/format";
import { IconForward, IconPlus } from "../parts/icons";
import { useTitle } from "../parts/Page";
import { RowErase, RowLink } from "../parts/RowLink";
import { Empty } from "../parts/States";
import { type Column, Table } from "../parts/Table";
import { useListAsk } from "../parts/useListAsk";
import { AliasErase } from "./AliasErase";
import { aliasesOf, isCatchAll } from "./paths";

/** More destinations than these are counted, not named. */
const NAMED = 3;

export function AliasList() {
  const { t } = useTranslation();
  const { domain } = useOutletContext<InDomain>().item.value;
  const control = useListAsk("address");
  const list = useList<Alias>(at("/domains/{domain}/aliases", { domain }), control.ask);
  const [erasing, setErasing] = useState<Alias | null>(null);
  const here = aliasesOf(domain);
  const add = <Button component={Link} to={`${here}/new`} leftSection={<IconPlus />}>{t("alias.add")}</Button>;
  useTitle(`${t("alias.many")} – ${domain}`);

  return (
    <>
      <Table
        label={t("alias.many")} searchLabel={t("alias.search")} list={list} control={control} columns={useColumns(here)}
        keyOf={(a) => a.address} tools={add} empty={<Empty icon={<IconForward />} title={t("alias.none")}>{add}</Empty>}
        rowEnd={(a) => <RowErase label={t("action.deleteNamed", { name: a.address })} onClick={() => setErasing(a)} />}
      />
      {erasing && <AliasErase of={erasing} onDone={() => setErasing(null)} onClose={() => setErasing(null)} />}
    </>
  );
}

function useColumns(here: string): Column<Alias>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      title: t("field.address"), sort: "address", width: "36%",
      cell: (a) => (
        <RowLink
          to={`${here}/${encodeURIComponent(a.address)}/edit`} name={a.address} about={a.description}
          badge={<Group gap={4}>{isCatchAll(a.address) && <Badge size="sm" variant="light" tt="none">{t("alias.catchAll")}</Badge>}<Inactive active={a.active} /></Group>}
        />
      ),
    },
    { title: t("alias.destinations"), cell: (a) => <Destinations of={a} /> },
    { title: t("field.modified"), sort: "modified", tight: true, cell: (a) => <Text size="xs" c="dimmed">{format.moment(a.modified)}</Text> },
  ];
}

function Destinations({ of: { destinations } }: { of: Alias }) {
  const { t } = useTranslation();
  const more = destinations.length - NAMED;
  return (
    <Text size="sm" component="div" title={destinations.join("\n")}>
      {destinations.slice(0, NAMED).map((to) => <div key={to}>{to}</div>)}
      {more > 0 && <Text span size="xs" c="dimmed">{t("alias.more", { n: more })}</Text>}
    </Text>
  );
}
