// Over everything, or over the domains named.
import { useTranslation } from "react-i18next";
import { DomainsField } from "../domain/DomainPicker";
import { SwitchField } from "../parts/fields";
import type { FieldProps } from "../parts/useForm";

export function RankFields({ rank, domains }: { rank: FieldProps<boolean>; domains: FieldProps<string[]> }) {
  const { t } = useTranslation();
  const setRank = (superAdmin: boolean) => {
    rank.onChange(superAdmin);
    if (superAdmin) domains.onChange([]);
  };
  return (
    <>
      <SwitchField {...rank} onChange={setRank} label={t("role.super_admin")} help={t("admin.superHelp")} />
      {!rank.value && <DomainsField {...domains} label={t("admin.domains")} help={t("admin.domainsHelp")} />}
    </>
  );
}
