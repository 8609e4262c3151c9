// Everybody's own page: what is used, the password, and for a mailbox where its letters go.
import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useItem } from "../api/query";
import { type Me, at } from "../api/types";
import { useFormat } from "../parts/format";
import { Page } from "../parts/Page";
import { Facts, Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { UsageBar } from "../parts/UsageBar";
import { useMe } from "../session/session";
import { OwnForward } from "./OwnForward";
import { OwnPassword } from "./OwnPassword";

export function AccountPage() {
  const { t } = useTranslation();
  const { role, username } = useMe();
  return (
    <Page title={t("account.title")} hint={username} narrow>
      {role === "user" && <Usage />}
      {role === "user" && <OwnForward />}
      <OwnPassword />
    </Page>
  );
}

function Usage() {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useItem<Me>(at("/me"));
  return (
    <Ready query={me} height={150}>
      {({ value }) => (
        <Section title={t("usage.title")}>
          <Stack>
            <UsageBar label={t("usage.label", { name: value.username })} used={value.usage_bytes} of={value.quota_bytes} size="sm" />
            <Facts facts={[[t("mailbox.messages"), format.count(value.usage_messages)]]} />
          </Stack>
        </Section>
      )}
    </Ready>
  );
}
