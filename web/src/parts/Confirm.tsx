// Asks before something is gone. The question names it; the text says what happens to mail.
import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "../api/problem";
import { Dialog } from "./Dialog";
import { IconAlert } from "./icons";
import { useWords } from "./words";

interface Props {
  ask: string;
  yes: string;
  children: ReactNode;
  onYes: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
  /** Something large is at stake: this has to be typed first. */
  retype?: string;
}

export function Confirm({ ask, yes, children, onYes, onDone, onClose, onReload, retype }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const doing = useMutation({ mutationFn: onYes, onSuccess: onDone });
  const problem = doing.error ? asProblem(doing.error) : null;
  const because = problem?.errors[0];
  const [typed, setTyped] = useState("");

  return (
    <Dialog onClose={onClose} title={ask}>
      <Stack>
        <Text size="sm" component="div">{children}</Text>
        {retype !== undefined && (
          <TextInput label={t("confirm.retype", { name: retype })} value={typed} autoComplete="off" spellCheck={false}
                     data-autofocus onChange={(event) => setTyped(event.currentTarget.value)} />
        )}
        {problem && (
          <Alert role="alert" color="red" icon={<IconAlert />}>
            {because ? words.field(because) : words.answer(problem)}
            {problem.stale && onReload && (
              <Button variant="default" size="xs" mt="xs" display="block" onClick={onReload}>{t("action.reload")}</Button>
            )}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={retype === undefined || undefined}>{t("action.cancel")}</Button>
          <Button color="red" loading={doing.isPending} disabled={retype !== undefined && typed !== retype} onClick={() => doing.mutate()}>{yes}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
