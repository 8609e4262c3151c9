// One mailbox: settings and forwarding, its password, its figures, its end.
import { Button, Grid, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { useChange, useItem } from "../api/query";
import { type Answer, request } from "../api/request";
import { type Mailbox, at, hints } from "../api/types";
import { EraseButton } from "../parts/EraseButton";
import { Inactive } from "../parts/Badges";
import { Form } from "../parts/Form";
import { SwitchField, TextField } from "../parts/fields";
import { SizeField } from "../parts/limits";
import { useFormat } from "../parts/format";
import { Page } from "../parts/Page";
import { NewPassword } from "../parts/NewPassword";
import { Facts, Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { toast } from "../parts/toast";
import { UsageBar } from "../parts/UsageBar";
import { useForm } from "../parts/useForm";
import { AliasesHere } from "./AliasesHere";
import { ForwardFields } from "./ForwardFields";
import { MailboxErase } from "./MailboxErase";
import { mailboxesOf } from "./paths";

interface Props {
  item: Answer<Mailbox>;
  reload: () => void;
}

export function MailboxPage() {
  const { t } = useTranslation();
  const { domain = "", address = "" } = useParams();
  const item = useItem<Mailbox>(at("/mailboxes/{address}", { address }));
  const trail = [{ title: t("domain.many"), to: "/domains" }, { title: domain, to: mailboxesOf(domain) }];
  const of = item.data?.value;

  return (
    <Page title={of?.address ?? address} trail={trail} hint={of?.display_name} badge={of && <Inactive active={of.active} />}>
      <Ready query={item}>
        {(answer) => (
          <Grid gutter="lg">
            <Grid.Col span={{ base: 12, md: 8 }}>
              <Settings key={answer.etag} item={answer} reload={() => void item.refetch()} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 4 }}>
              <Side domain={domain} item={answer} reload={() => void item.refetch()} />
            </Grid.Col>
          </Grid>
        )}
      </Ready>
    </Page>
  );
}

function Settings({ item: { value, etag }, reload }: Props) {
  const { t } = useTranslation();
  const { address, display_name, quota_bytes, active, forward } = value;
  const start = { display_name, quota_bytes, active, forward };
  const change = useChange((body: Partial<typeof start>) =>
    request<Mailbox>("PATCH", at("/mailboxes/{address}", { address }), { body, etag }));
  const form = useForm({
    start,
    save: (_, changed) => change.mutateAsync(changed),
    done: () => toast(t("done.saved", { name: address })),
  });

  return (
    <Section title={t("mailbox.settings")}>
      <Form form={form} label={t("mailbox.settings")} submit={t("action.save")} onReload={reload}>
        <TextField {...form.field("display_name")} label={t("mailbox.displayName")} hint={hints.mailbox.display_name} />
        <SizeField {...form.field("quota_bytes")} label={t("mailbox.quota")} none={t("field.noLimit")} hint={hints.mailbox.quota_bytes} />
        <ForwardFields {...form.field("forward")} />
        <SwitchField {...form.field("active")} label={t("field.active")} help={t("mailbox.activeHelp")} />
      </Form>
    </Section>
  );
}

function Side({ domain, item: { value, etag }, reload }: Props & { domain: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<"none" | "password" | "erase">("none");
  const close = () => setDialog("none");
  const path = at("/mailboxes/{address}", { address: value.address });
  const setPassword = useChange((password: string) => request<Mailbox>("PATCH", path, { body: { password }, etag }));

  return (
    <Stack gap="lg">
      <Section title={t("usage.title")}>
        <Stack>
          <UsageBar label={t("usage.label", { name: value.address })} used={value.usage_bytes} of={value.quota_bytes} size="sm" />
          <Facts facts={[
            [t("mailbox.messages"), format.count(value.usage_messages)],
            [t("mailbox.maildir"), <code key="maildir">{value.maildir}</code>],
            [t("field.created"), format.moment(value.created)],
            [t("field.modified"), format.moment(value.modified)],
          ]} />
        </Stack>
      </Section>
      <AliasesHere address={value.address} />
      <Section title={t("password.one")} hint={t("mailbox.passwordHint")}>
        <Button variant="default" onClick={() => setDialog("password")}>{t("password.set")}</Button>
      </Section>
      <Section title={t("mailbox.erase")} hint={t("mailbox.eraseHint")}>
        <EraseButton label={t("mailbox.erase")} onClick={() => setDialog("erase")} />
      </Section>
      {dialog === "password" && (
        <NewPassword of={value.address} hint={hints.mailbox.password} onClose={close} onReload={reload}
                     save={(password) => setPassword.mutateAsync(password)} />
      )}
      {dialog === "erase" && (
        <MailboxErase of={value} etag={etag} onClose={close} onDone={() => navigate(mailboxesOf(domain))}
                      onReload={() => { close(); reload(); }} />
      )}
    </Stack>
  );
}
