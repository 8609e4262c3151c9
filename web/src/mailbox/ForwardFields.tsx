// Where a mailbox's letters go besides, or instead. Used by administrators and by the mailbox's owner.
import { Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Forward, hints } from "../api/types";
import { AddressesField } from "../parts/AddressesField";
import type { FieldProps } from "../parts/useForm";

export function ForwardFields({ value, onChange, ...props }: FieldProps<Forward>) {
  const { t } = useTranslation();
  const forwards = value.destinations.length > 0;
  return (
    <>
      <AddressesField
        {...props} label={t("forward.destinations")} help={t("forward.help")} hint={hints.forward.destinations}
        value={value.destinations}
        onChange={(destinations) => onChange({ destinations, keep_copy: destinations.length === 0 ? true : value.keep_copy })}
      />
      <Switch
        label={t("forward.keepCopy")} checked={value.keep_copy} disabled={!forwards}
        description={!forwards ? t("forward.off") : value.keep_copy ? t("forward.copyHelp") : t("forward.noCopyHelp")}
        onChange={(event) => onChange({ ...value, keep_copy: event.currentTarget.checked })}
      />
    </>
  );
}
