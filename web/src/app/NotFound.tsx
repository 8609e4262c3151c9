import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { IconSearch } from "../parts/icons";
import { Page } from "../parts/Page";
import { Empty } from "../parts/States";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("state.notFound")}>
      <Empty icon={<IconSearch />} title={t("state.notFoundHint")}>
        <Button component={Link} to="/" variant="default">{t("nav.home")}</Button>
      </Empty>
    </Page>
  );
}
