// A card with a heading of its own.
import { Group, Paper, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface Props {
  title: string;
  hint?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}

export function Section({ title, hint, actions, children }: Props) {
  const id = useId();
  return (
    <Paper withBorder component="section" aria-labelledby={id} p={{ base: "md", sm: "lg" }}>
      <Group justify="space-between" align="flex-start" gap="sm" mb={children ? "md" : 0}>
        <div style={{ minWidth: 0, flex: "1 1 16rem" }}>
          <Title order={2} size="h4" id={id}>{title}</Title>
          {hint && <Text c="dimmed" size="sm" mt={2}>{hint}</Text>}
        </div>
        {actions}
      </Group>
      {children}
    </Paper>
  );
}

/** Facts that are only read: a term and what it is. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.map(([term, is]) => (
        <div key={term}>
          <Text component="dt" size="xs" c="dimmed">{term}</Text>
          <Text component="dd" size="sm">{is}</Text>
        </div>
      ))}
    </dl>
  );
}
