import { Badge, Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useList } from "../api/query";
import { type Admin, at } from "../api/types";
import { Inactive } from "../parts/Badges";
import { useFormat } from "../parts/format";
import { IconPlus, IconUsers } from "../parts/icons";
import { Page } from "../parts/Page";
import { RowErase, RowLink } from "../parts/RowLink";
import { Empty } from "../parts/States";
import { type Column, Table } from "../parts/Table";
import { useListAsk } from "../parts/useListAsk";
import { useMe } from "../session/session";
import { AdminErase } from "./AdminErase";

/** More domains than these are counted, not named. */
const NAMED = 3;

export function AdminsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const control = useListAsk("username");
  const list = useList<Admin>(at("/admins"), control.ask);
  const [erasing, setErasing] = useState<Admin | null>(null);
  const add = <Button component={Link} to="/admins/new" leftSection={<IconPlus />}>{t("admin.add")}</Button>;

  return (
    <Page title={t("admin.many")} actions={add}>
      <Table
        label={t("admin.many")} searchLabel={t("admin.search")} list={list} control={control} columns={useColumns()}
        keyOf={(a) => a.username} empty={<Empty icon={<IconUsers />} title={t("admin.none")}>{add}</Empty>}
        rowEnd={(a) => a.username !== me.username && <RowErase label={t("action.deleteNamed", { name: a.username })} onClick={() => setErasing(a)} />}
      />
      {erasing && <AdminErase of={erasing} onDone={() => setErasing(null)} onClose={() => setErasing(null)} />}
    </Page>
  );
}

function useColumns(): Column<Admin>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      title: t("admin.username"), sort: "username", width: "40%",
      cell: (a) => (
        <RowLink
          to={`/admins/${encodeURIComponent(a.username)}/edit`} name={a.username}
          badge={<Group gap={4}>{a.super_admin && <Badge size="sm" variant="light" tt="none">{t("role.super_admin")}</Badge>}<Inactive active={a.active} /></Group>}
        />
      ),
    },
    { title: t("domain.many"), cell: (a) => <Domains of={a} /> },
    { title: t("field.modified"), tight: true, cell: (a) => <Text size="xs" c="dimmed">{format.moment(a.modified)}</Text> },
  ];
}

function Domains({ of: { super_admin, domains } }: { of: Admin }) {
  const { t } = useTranslation();
  if (super_admin) return <Text size="sm" c="dimmed">{t("admin.allDomains")}</Text>;
  if (domains.length === 0) return <Text size="sm" c="dimmed">–</Text>;
  const more = domains.length - NAMED;
  return (
    <Text size="sm" title={domains.join("\n")}>
      {domains.slice(0, NAMED).join(", ")}
      {more > 0 && <Text span size="xs" c="dimmed"> {t("alias.more", { n: more })}</Text>}
    </Text>
  );
}
