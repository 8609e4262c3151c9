// Limits: a number, or none at all. null is "no limit", as in the API.
import { Checkbox, Group, NativeSelect, NumberInput, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Labelled, useError } from "./fields";
import { UNITS, type Unit, unitOf } from "./format";
import type { FieldProps } from "./useForm";

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
  const { label, help, value, onChange, name } = props;
  const { t } = useTranslation();
  const error = useError(props);
  const [unit, setUnit] = useState<Unit>(value === null ? "GiB" : unitOf(value));
  const shown = value === null ? "" : Math.round((value / UNITS[unit]) * 100) / 100;

  return (
    <Stack gap={6}>
      <Group gap={6} align="flex-end" wrap="nowrap">
        <NumberInput
          name={name} label={label} description={help} error={error !== undefined} disabled={value === null} value={shown}
          min={0} decimalScale={2} clampBehavior="none" flex={1} miw={0} aria-describedby={error ? `${name}-error` : undefined}
          onChange={(n) => {
            // The box reports its own rounding too; only what was typed may change the bytes.
            if (n !== shown) onChange(Math.round((typeof n === "number" ? n : 0) * UNITS[unit]));
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
