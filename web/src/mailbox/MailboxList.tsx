import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useOutletContext } from "react-router-dom";
import { useList } from "../api/query";
import { type Mailbox, at } from "../api/types";
import type { InDomain } from "../domain/DomainPage";
import { Inactive } from "../parts/Badges";
import { useFormat } from "../parts/format";
import { IconForward, IconMail, IconPlus } from "../parts/icons";
import { RowErase, RowLink } from "../parts/RowLink";
import { Empty } from "../parts/States";
import { type Column, Table } from "../parts/Table";
import { UsageBar } from "../parts/UsageBar";
import { useListAsk } from "../parts/useListAsk";
import { useTitle } from "../parts/Page";
import { MailboxErase } from "./MailboxErase";
import { mailboxesOf } from "./paths";

export function MailboxList() {
  const { t } = useTranslation();
  const { domain } = useOutletContext<InDomain>().item.value;
  const control = useListAsk("address");
  const list = useList<Mailbox>(at("/domains/{domain}/mailboxes", { domain }), control.ask);
  const [erasing, setErasing] = useState<Mailbox | null>(null);
  const here = mailboxesOf(domain);
  const add = <Button component={Link} to={`${here}/new`} leftSection={<IconPlus />}>{t("mailbox.add")}</Button>;
  useTitle(`${t("mailbox.many")} – ${domain}`);

  return (
    <>
      <Table
        label={t("mailbox.many")} searchLabel={t("mailbox.search")} list={list} control={control} columns={useColumns(here)}
        keyOf={(m) => m.address} tools={add} empty={<Empty icon={<IconMail />} title={t("mailbox.none")}>{add}</Empty>}
        rowEnd={(m) => <RowErase label={t("action.deleteNamed", { name: m.address })} onClick={() => setErasing(m)} />}
      />
      {erasing && <MailboxErase of={erasing} onDone={() => setErasing(null)} onClose={() => setErasing(null)} />}
    </>
  );
}

function useColumns(here: string): Column<Mailbox>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      title: t("field.address"), sort: "address", width: "42%",
      cell: (m) => (
        <RowLink to={`${here}/${encodeURIComponent(m.address)}/edit`} name={m.address} about={m.display_name}
                 badge={<Inactive active={m.active} />} />
      ),
    },
    { title: t("forward.title"), tight: true, cell: (m) => <ForwardMark of={m} /> },
    {
      title: t("usage.title"), sort: "usage_bytes", width: "22%",
      cell: (m) => <UsageBar label={t("usage.label", { name: m.address })} used={m.usage_bytes} of={m.quota_bytes} />,
    },
    { title: t("field.modified"), sort: "modified", tight: true, cell: (m) => <Text size="xs" c="dimmed">{format.moment(m.modified)}</Text> },
  ];
}

function ForwardMark({ of: { forward } }: { of: Mailbox }) {
  const { t } = useTranslation();
  const n = forward.destinations.length;
  if (n === 0) return <Text size="sm" c="dimmed">–</Text>;
  return (
    <Text size="sm" className="mark" title={forward.destinations.join("\n")}>
      <IconForward size={15} /> {forward.keep_copy ? t("forward.copyTo", { n }) : t("forward.to", { n })}
    </Text>
  );
}
