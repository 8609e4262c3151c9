// Who did what, when, from where; opened, an entry shows what it changed.
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../api/query";
import { type LogEntry, at } from "../api/types";
import { Breakable } from "../parts/Breakable";
import { useFormat } from "../parts/format";
import { IconHistory } from "../parts/icons";
import { Page } from "../parts/Page";
import { Empty } from "../parts/States";
import { type Column, Table } from "../parts/Table";
import { useListAsk } from "../parts/useListAsk";
import { Changes, changesOf } from "./Changes";
import { verbWords } from "./verbWords";

export function LogPage() {
  const { t } = useTranslation();
  const control = useListAsk("");
  const list = useList<LogEntry>(at("/log"), control.ask);
  const [open, setOpen] = useState<LogEntry | null>(null);

  return (
    <Page title={t("log.title")} hint={t("log.hint")}>
      <Table
        label={t("log.title")} searchLabel={t("log.search")} list={list} control={control} columns={useColumns()}
        keyOf={(e) => String(e.id)} empty={<Empty icon={<IconHistory />} title={t("log.none")} />}
        rowEnd={(e) => changesOf(e).names.length > 0 && (
          <Button variant="subtle" size="compact-sm" onClick={() => setOpen(e)}
                  aria-label={t("log.changesOf", { verb: verbWords(t, e.verb), target: e.target })}>
            {t("log.changes")}
          </Button>
        )}
      />
      {open && <Changes of={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function useColumns(): Column<LogEntry>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    { title: t("log.target"), cell: (e) => <Text size="sm" fw={500}><Breakable name={e.target} /></Text> },
    { title: t("log.verb"), tight: true, cell: (e) => <span title={e.verb}>{verbWords(t, e.verb)}</span> },
    { title: t("log.actor"), cell: (e) => <Breakable name={e.actor} /> },
    { title: t("log.source"), tight: true, cell: (e) => <Text size="xs" c="dimmed">{[e.via, e.source].filter(Boolean).join(" · ")}</Text> },
    { title: t("log.at"), tight: true, cell: (e) => <Text size="xs" c="dimmed">{format.moment(e.at)}</Text> },
  ];
}
