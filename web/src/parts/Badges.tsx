import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** What is switched off says so; what works needs no badge. */
export function Inactive({ active }: { active: boolean }) {
  const { t } = useTranslation();
  return active ? null : <Badge color="gray" variant="light" size="sm" tt="none">{t("state.inactive")}</Badge>;
}
