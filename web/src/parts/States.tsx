// What stands where content would be: nothing there yet, or no answer.
import { Alert, Button, Group, Skeleton, Stack, Text, ThemeIcon } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "../api/problem";
import { IconAlert } from "./icons";
import { useWords } from "./words";

export function Empty({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py={48} px="md">
      <ThemeIcon variant="light" size={48} radius="xl" color="gray">{icon}</ThemeIcon>
      <Text fw={600} ta="center">{title}</Text>
      {children}
    </Stack>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const problem = asProblem(error);
  return (
    <Alert role="alert" color={problem.passing ? "yellow" : "red"} icon={<IconAlert />} m="md"
           title={words.answer(problem)}>
      <Group>
        <Button size="xs" variant="default" onClick={onRetry}>{t("action.retry")}</Button>
      </Group>
    </Alert>
  );
}

/** Shown while a question is being asked again after "cannot tell now". */
export function Retrying({ error }: { error: unknown }) {
  const words = useWords();
  const { t } = useTranslation();
  return (
    <Alert role="status" color="yellow" icon={<IconAlert />} m="md">
      {words.answer(asProblem(error))} {t("answer.retrying")}
    </Alert>
  );
}

/** What a question will answer, once it has: until then its shape, or why there is none. */
export function Ready<T>({ query, height = 320, children }: {
  query: UseQueryResult<T>; height?: number; children: (value: T) => ReactNode;
}) {
  if (query.isSuccess) return children(query.data);
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {query.failureReason !== null && <Retrying error={query.failureReason} />}
      <Waiting height={height} />
    </>
  );
}

/** The room that something still on its way will take. */
export function Waiting({ height = 320 }: { height?: number }) {
  const { t } = useTranslation();
  return <Skeleton height={height} radius="md" role="status" aria-label={t("state.loading")} />;
}
