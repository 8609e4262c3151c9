// A password: hidden unless shown; where one is being chosen, it can be made and copied.
import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Labelled, useError } from "./fields";
import { IconCheck, IconCopy, IconDice } from "./icons";
import { makePassword } from "./password";
import type { FieldProps } from "./useForm";

/** Browsers let nobody copy where the page came without TLS, but for this very machine. */
const canCopy = window.isSecureContext;

interface Props extends Labelled, FieldProps<string> {
  /** A new one is being chosen, rather than a known one typed. */
  choosing?: boolean;
  required?: boolean;
  autoFocus?: boolean;
}

export function PasswordField({ label, help, hint, value, onChange, name, choosing = false, required, autoFocus, ...props }: Props) {
  const { t } = useTranslation();
  const error = useError(props);
  const [shown, setShown] = useState(false);
  const clipboard = useClipboard({ timeout: 2000 });

  return (
    <Stack gap={8}>
      <PasswordInput
        name={name} label={label} description={help} error={error} value={value} maxLength={hint?.maxLength}
        withAsterisk={required} aria-required={required} visible={shown} onVisibilityChange={setShown} autoFocus={autoFocus}
        data-autofocus={autoFocus} autoComplete={choosing ? "new-password" : "current-password"} spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": shown ? t("password.hide") : t("password.show"), tabIndex: 0, "aria-hidden": false }}
      />
      {choosing && (
        <Group gap="xs">
          <Button size="compact-sm" variant="light" leftSection={<IconDice size={16} />}
                  onClick={() => { onChange(makePassword()); setShown(true); }}>
            {t("password.make")}
          </Button>
          {canCopy && <Button size="compact-sm" variant="subtle" disabled={value === ""} onClick={() => clipboard.copy(value)}
                  leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}>
            {clipboard.copied ? t("password.copied") : t("password.copy")}
          </Button>}
        </Group>
      )}
    </Stack>
  );
}
