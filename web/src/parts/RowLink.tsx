// The first cell of a row: the way to the item, and a line about it.
import { ActionIcon, Anchor, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router-dom";
import { Breakable } from "./Breakable";
import { IconTrash } from "./icons";

export function RowLink({ to, name, about, badge }: { to: string; name: string; about?: string; badge?: ReactNode }) {
  return (
    <>
      <Group gap={8}>
        <Anchor component={Link} to={to} fw={500} fz="inherit"><Breakable name={name} /></Anchor>
        {badge}
      </Group>
      {about !== undefined && about !== "" && <Text size="xs" c="dimmed">{about}</Text>}
    </>
  );
}

export function RowErase({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} onClick={onClick}><IconTrash /></ActionIcon>
  );
}
