import { TagsInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Labelled, useError } from "./fields";
import type { FieldProps } from "./useForm";

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
