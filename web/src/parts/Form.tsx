// The form around the fields: what is wrong as a whole, and the buttons.
import { Alert, Button, Group, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconAlert } from "./icons";
import type { FormState } from "./useForm";
import { useWords } from "./words";

interface Props {
  form: FormState;
  submit: string;
  label: string;
  /** Saving makes sense without a change, as when creating. */
  always?: boolean;
  onCancel?: () => void;
  /** Reads the item again, after somebody else changed it. */
  onReload?: () => void;
  children: ReactNode;
}

export function Form({ form, submit, label, always = false, onCancel, onReload, children }: Props) {
  const { t } = useTranslation();
  const element = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (form.problem) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form.problem]);

  const send = (event: FormEvent) => {
    event.preventDefault();
    form.submit();
  };

  return (
    <form ref={element} onSubmit={send} noValidate aria-label={label}>
      <Stack gap="md">
        <WholeProblem form={form} onReload={onReload} />
        {children}
        <Group justify="flex-end" gap="xs" mt="xs">
          {onCancel && <Button variant="default" onClick={onCancel}>{t("action.cancel")}</Button>}
          <Button type="submit" loading={form.saving} disabled={!always && !form.dirty}>{submit}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function WholeProblem({ form: { problem, others }, onReload }: { form: FormState; onReload?: () => void }) {
  const { t } = useTranslation();
  const words = useWords();
  if (problem === null) return null;
  const besideFields = problem.errors.length > others.length;
  return (
    <Alert role="alert" color={problem.passing || problem.stale ? "yellow" : "red"} icon={<IconAlert />}>
      {(others.length === 0 || besideFields) && <div>{words.answer(problem)}</div>}
      {others.map((p) => <div key={p.field + p.code}>{p.field !== "" && <code>{p.field}: </code>}{words.field(p)}</div>)}
      {problem.stale && onReload && (
        <Button variant="default" size="xs" mt="xs" onClick={onReload}>{t("action.reload")}</Button>
      )}
    </Alert>
  );
}
