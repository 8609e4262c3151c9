// Fields: each takes its bounds from the server's hints and shows the server's problems beneath itself.
import { Checkbox, Group, NativeSelect, NumberInput, Stack, Switch, TagsInput, TextInput, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hint } from "../api/types";
import { UNITS, type Unit, unitOf } from "./format";
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
  multiline?: boolean;
  placeholder?: string;
}

export function TextField({ label, help, hint, value, onChange, required, suffix, multiline, autoFocus, ...props }: TextProps) {
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
  if (multiline)
    return <Textarea {...shared} rows={3} onChange={(event) => onChange(event.currentTarget.value)} />;
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

/** Addresses as tags: Enter, comma, blank or a pasted list ends one. */
export function AddressesField({ label, help, hint, value, onChange, name, required, ...props }: Labelled & FieldProps<string[]> & { required?: boolean }) {
  const { t } = useTranslation();
  const error = useError(props);
  return (
    <TagsInput
      name={name} label={label} description={help} value={value} error={error} onChange={onChange}
      withAsterisk={required} aria-required={required} splitChars={[",", ";", " ", "\n", "\t", "、"]}
      maxTags={hint?.maxItems} placeholder={value.length === 0 ? t("field.addressesPlaceholder") : undefined}
      inputMode="email" autoCapitalize="none" spellCheck={false} autoComplete="off"
    />
  );
}

interface LimitProps extends Labelled, FieldProps<number | null> {
  /** The words beside the box that says "no limit". */
  none: string;
}

/** A count, or no limit at all. */
export function LimitField(props: LimitProps) {
  const { label, help, hint, value, onChange, name } = props;
  const error = useError(props);
  return (
    <Stack gap={6}>
      <NumberInput
        name={name} label={label} description={help} error={error} disabled={value === null} value={value ?? ""}
        min={hint?.minimum} max={hint?.maximum} clampBehavior="none" allowDecimal={false} thousandSeparator=","
        onChange={(n) => onChange(typeof n === "number" ? n : 0)}
      />
      <NoLimit {...props} otherwise={hint?.minimum ?? 0} />
    </Stack>
  );
}

/** A size in bytes, typed in the unit that suits it, or no limit at all. */
export function SizeField(props: LimitProps) {
  const { label, help, hint, value, onChange, name } = props;
  const { t } = useTranslation();
  const error = useError(props);
  const [unit, setUnit] = useState<Unit>(value === null ? "GiB" : unitOf(value));
  const shown = value === null ? "" : Math.round((value / UNITS[unit]) * 100) / 100;
  const toBytes = (n: number) => {
    const step = hint?.multipleOf ?? 1;
    return Math.round((n * UNITS[unit]) / step) * step;
  };

  return (
    <Stack gap={6}>
      <Group gap={6} align="flex-end" wrap="nowrap">
        <NumberInput
          name={name} label={label} description={help} error={error !== undefined} disabled={value === null} value={shown}
          min={0} decimalScale={2} clampBehavior="none" flex={1} miw={0} aria-describedby={error ? `${name}-error` : undefined}
          onChange={(n) => {
            // The box reports its own rounding too; only what was typed may change the bytes.
            if (n !== shown) onChange(toBytes(typeof n === "number" ? n : 0));
          }}
        />
        <NativeSelect
          aria-label={t("field.unitOf", { field: label })} data={Object.keys(UNITS)} value={unit} w={86} disabled={value === null}
          onChange={(event) => {
            const chosen = event.currentTarget.value as Unit;
            setUnit(chosen);
            if (typeof shown === "number") onChange(Math.round(shown * UNITS[chosen]));
          }}
        />
      </Group>
      {error !== undefined && <div className="error" id={`${name}-error`}>{error}</div>}
      <NoLimit {...props} otherwise={UNITS.GiB} />
    </Stack>
  );
}

/** Ticking remembers what was there, so that unticking brings it back. */
function NoLimit({ label, none, value, onChange, otherwise }: LimitProps & { otherwise: number }) {
  const [was, setWas] = useState(value ?? otherwise);
  return (
    <Checkbox
      size="xs" label={none} aria-label={`${label}: ${none}`} checked={value === null}
      onChange={(event) => {
        if (value !== null) setWas(value);
        onChange(event.currentTarget.checked ? null : was);
      }}
    />
  );
}
