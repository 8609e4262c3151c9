import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { LogEntry } from "../api/types";
import { Dialog } from "../parts/Dialog";
import { useFormat } from "../parts/format";
import { verbWords } from "./verbWords";

type Facts = Record<string, unknown>;

/** before and after are JSON texts written by the server; one that is not an object is shown as it is. */
function factsOf(text: string | null): Facts {
  if (text === null) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Facts) : { "": parsed };
  } catch {
    return { "": text };
  }
}

const words = (value: unknown) => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));

/** What differs between before and after, by the names of the fields. */
export function changesOf(of: LogEntry) {
  const before = factsOf(of.before);
  const after = factsOf(of.after);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return { before, after, names: names.filter((n) => words(before[n]) !== words(after[n])) };
}

export function Changes({ of, onClose }: { of: LogEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { before, after, names } = changesOf(of);

  return (
    <Dialog onClose={onClose} size="lg" title={`${verbWords(t, of.verb)}: ${of.target}`}>
      <Text size="sm" c="dimmed" mb="sm">{of.actor} · {format.moment(of.at)}</Text>
      <Table layout="fixed" fz="sm" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr><Table.Th>{t("log.field")}</Table.Th><Table.Th>{t("log.before")}</Table.Th><Table.Th>{t("log.after")}</Table.Th></Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}><Table.Td>{name}</Table.Td><Table.Td>{words(before[name])}</Table.Td><Table.Td>{words(after[name])}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Dialog>
  );
}
