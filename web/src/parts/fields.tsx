// Fields: each takes its bounds from the server's hints and shows the server's problems beneath itself.
import { Switch, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Hint } from "../api/types";
import type { FieldProps } from "./useForm";
import { useWords } from "./words";

export interface Labelled {
  label: string;
  help?: ReactNode;
  hint?: Hint;
}

/** The sentences beneath a field, or nothing. */
export function useError({ problems }: Pick<FieldProps<unknown>, "problems">): ReactNode {
  const words = useWords();
  if (problems.length === 0) return undefined;
  return [...new Set(problems.map(words.field))].map((said) => <span key={said} className="problem">{said}</span>);
}

interface TextProps extends Labelled, FieldProps<string> {
  required?: boolean;
  autoComplete?: string;
  suffix?: string;
  inputMode?: "email" | "text";
  autoFocus?: boolean;
  placeholder?: string;
}

export function TextField({ label, help, hint, value, onChange, required, suffix, autoFocus, ...props }: TextProps) {
  const error = useError(props);
  const { name, autoComplete = "off", inputMode, placeholder } = props;
  const shared = {
    label, name, value, error, autoComplete, placeholder, inputMode,
    description: help,
    maxLength: hint?.maxLength,
    withAsterisk: required,
    "aria-required": required,
    "data-autofocus": autoFocus,
    autoFocus,
    spellCheck: false,
    autoCapitalize: "none",
  };
  return (
    <TextInput
      {...shared} onChange={(event) => onChange(event.currentTarget.value)}
      rightSection={suffix === undefined ? undefined : <span className="suffix" title={suffix}>{suffix}</span>}
      rightSectionWidth={suffix === undefined ? undefined : `min(${[...suffix].length + 2}ch, 55%)`}
    />
  );
}

export function SwitchField({ label, help, value, onChange, name, ...props }: Labelled & FieldProps<boolean>) {
  const error = useError(props);
  return (
    <Switch name={name} label={label} description={help} checked={value} error={error}
            onChange={(event) => onChange(event.currentTarget.checked)} />
  );
}
