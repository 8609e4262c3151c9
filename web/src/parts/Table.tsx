// A list of anything: search, sort, pages by cursor; waiting, empty and failed states. On a phone each row is a card.
import { ActionIcon, Box, CloseButton, Group, LoadingOverlay, Paper, Skeleton, Text, TextInput, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { List } from "../api/query";
import { useFormat } from "./format";
import { IconChevronLeft, IconChevronRight, IconFirst, IconSearch, IconSort, IconSortDown, IconSortUp } from "./icons";
import { Empty, Failed, Retrying } from "./States";
import classes from "./Table.module.css";
import type { ListControl } from "./useListAsk";

export interface Column<T> {
  title: string;
  /** The server's name for sorting by this column; none: cannot be sorted by. */
  sort?: string;
  align?: "right";
  width?: string;
  /** Short: never broken into lines where there is room for a table. */
  tight?: boolean;
  cell: (item: T) => ReactNode;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  keyOf: (item: T) => string;
  list: UseQueryResult<List<T>>;
  control: ListControl;
  /** What ends each row: a button or two. */
  rowEnd?: (item: T) => ReactNode;
  empty: ReactNode;
  searchLabel: string;
  /** Stands beside the search box. */
  tools?: ReactNode;
}

export function Table<T>(props: Props<T>) {
  const { list, control, label } = props;
  const rows = list.data?.items ?? [];
  const searching = control.ask.search !== "";

  return (
    <Paper withBorder className={classes.frame}>
      <div className={classes.tools}>
        <SearchBox label={props.searchLabel} control={control} />
        {props.tools}
      </div>
      {list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : (
        <>
          {list.failureReason !== null && list.isFetching && <Retrying error={list.failureReason} />}
          {list.isSuccess && rows.length === 0
            ? (searching || control.ask.cursor !== null ? <NothingFound /> : props.empty)
            : (
              <Box pos="relative">
                <LoadingOverlay visible={list.isPlaceholderData} overlayProps={{ backgroundOpacity: 0.4 }} zIndex={2}
                                loaderProps={{ size: "sm" }} />
                <table className={classes.table} role="table" aria-label={label} aria-busy={list.isFetching}>
                  <Head {...props} />
                  <tbody role="rowgroup">
                    {list.isPending ? <Waiting columns={props.columns.length + 1} /> : rows.map((item) => <Row key={props.keyOf(item)} item={item} {...props} />)}
                  </tbody>
                </table>
              </Box>
            )}
        </>
      )}
      {list.isSuccess && <Pager list={list.data} control={control} turning={list.isPlaceholderData} />}
    </Paper>
  );
}

function SearchBox({ label, control }: { label: string; control: ListControl }) {
  const { t } = useTranslation();
  const [text, setText] = useState(control.ask.search);
  const send = useDebouncedCallback(control.setSearch, 250);
  const type = (value: string) => {
    setText(value);
    send(value.trim());
  };
  return (
    <TextInput
      type="search" aria-label={label} placeholder={label} value={text} className={classes.search}
      leftSection={<IconSearch size={16} />} onChange={(event) => type(event.currentTarget.value)}
      rightSection={text !== "" && <CloseButton size="sm" aria-label={t("table.clear")} onClick={() => type("")} />}
    />
  );
}

function Head<T>({ columns, control, rowEnd }: Props<T>) {
  const { t } = useTranslation();
  const { sort } = control.ask;
  return (
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ title, sort: by, align, width }) => {
          const now = by === undefined ? null : sort === by ? "ascending" : sort === `-${by}` ? "descending" : null;
          return (
            <th key={title} role="columnheader" scope="col" data-align={align} style={{ width }} aria-sort={by === undefined ? undefined : (now ?? "none")}>
              {by === undefined ? title : (
                <UnstyledButton className={classes.sort} data-now={now ?? undefined}
                                onClick={() => control.setSort(now === "ascending" ? `-${by}` : by)}>
                  {title}
                  {now === "ascending" ? <IconSortUp size={16} /> : now === "descending" ? <IconSortDown size={16} /> : <IconSort size={16} />}
                </UnstyledButton>
              )}
            </th>
          );
        })}
        {rowEnd && <th role="columnheader" scope="col" className={classes.end}><VisuallyHidden>{t("table.actions")}</VisuallyHidden></th>}
      </tr>
    </thead>
  );
}

function Row<T>({ item, columns, rowEnd }: Props<T> & { item: T }) {
  return (
    <tr role="row">
      {columns.map(({ title, align, tight, cell }) => (
        <td key={title} role="cell" data-align={align} data-tight={tight}>
          <span className={classes.label} aria-hidden="true">{title}</span>
          <div className={classes.value}>{cell(item)}</div>
        </td>
      ))}
      {rowEnd && <td role="cell" className={classes.end}>{rowEnd(item)}</td>}
    </tr>
  );
}

function Waiting({ columns }: { columns: number }) {
  return Array.from({ length: 6 }, (_, row) => (
    <tr role="row" key={row} aria-hidden="true">
      {Array.from({ length: columns }, (_cell, column) => (
        <td role="cell" key={column}><Skeleton height={12} my={6} width={column === 0 ? "70%" : "50%"} /></td>
      ))}
    </tr>
  ));
}

function NothingFound() {
  const { t } = useTranslation();
  return <Empty icon={<IconSearch />} title={t("table.nothingFound")} />;
}

/** While a page is on its way, the one still shown knows no next: its cursor would lead to the same page again. */
function Pager<T>({ list, control, turning }: { list: List<T>; control: ListControl; turning: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const next = list.next ?? null;
  const total = list.total;
  const only = next === null && control.toFirst === null;
  const from = control.before + 1;
  const to = control.before + list.items.length;
  const where = list.items.length === 0 || !control.placeKnown ? ""
    : total === undefined ? t("table.range", { from: format.count(from), to: format.count(to) })
    : t("table.rangeOf", { from: format.count(from), to: format.count(to), total: format.count(total) });

  // The line with the figures is read out when a search or another page changes it.
  return (
    <Group justify="space-between" px="sm" py={8} className={classes.pager} mih={44}>
      <Text size="sm" c="dimmed" role="status">{where}</Text>
      {!only && (
        <Group gap={4} component="nav" aria-label={t("table.pages")}>
          <Turn label={t("table.first")} to={control.toFirst}><IconFirst /></Turn>
          <Turn label={t("table.previous")} to={control.toPrevious}><IconChevronLeft /></Turn>
          <Turn label={t("table.next")} to={next === null || turning ? null : () => control.toNext(next)}><IconChevronRight /></Turn>
        </Group>
      )}
    </Group>
  );
}

function Turn({ label, to, children }: { label: string; to: (() => void) | null; children: ReactNode }) {
  return (
    <ActionIcon variant="default" size="md" aria-label={label} title={label} disabled={to === null}
                onClick={() => { to?.(); window.scrollTo({ top: 0 }); }}>
      {children}
    </ActionIcon>
  );
}
