// A domain's settings, for a new one and for one that is there.
import { SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Domain, hints } from "../api/types";
import { Form } from "../parts/Form";
import { SwitchField, TextField } from "../parts/fields";
import { LimitField, SizeField } from "../parts/limits";
import { useForm } from "../parts/useForm";

export type Draft = Pick<Domain, "domain" | "description" | "mailbox_limit" | "alias_limit" | "mailbox_quota_max_bytes"
  | "quota_bytes" | "transport" | "backup_mx" | "active">;

interface Props<Out> {
  start: Draft;
  isNew: boolean;
  save: (values: Draft, changed: Partial<Draft>) => Promise<Out>;
  done: (out: Out) => void;
  onCancel?: () => void;
  onReload?: () => void;
}

export function DomainForm<Out>({ start, isNew, save, done, onCancel, onReload }: Props<Out>) {
  const { t } = useTranslation();
  const form = useForm({ start, save, done });
  const label = isNew ? t("domain.add") : t("domain.settings");

  return (
    <Form form={form} label={label} submit={isNew ? t("action.create") : t("action.save")} always={isNew}
          onCancel={onCancel} onReload={onReload}>
      {isNew && (
        <TextField {...form.field("domain")} label={t("domain.one")} help={t("domain.nameHelp")} hint={hints.domain.domain}
                   required autoFocus placeholder="example.jp" />
      )}
      <TextField {...form.field("description")} label={t("field.description")} hint={hints.domain.description} />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        <LimitField {...form.field("mailbox_limit")} label={t("domain.mailboxLimit")} none={t("field.noLimit")} hint={hints.domain.mailbox_limit} />
        <LimitField {...form.field("alias_limit")} label={t("domain.aliasLimit")} none={t("field.noLimit")} hint={hints.domain.alias_limit} />
        <SizeField {...form.field("mailbox_quota_max_bytes")} label={t("domain.mailboxQuotaMax")} none={t("field.noLimit")} hint={hints.domain.mailbox_quota_max_bytes} />
        <SizeField {...form.field("quota_bytes")} label={t("domain.quota")} none={t("field.noLimit")} hint={hints.domain.quota_bytes} />
      </SimpleGrid>
      <TextField {...form.field("transport")} label={t("domain.transport")} help={t("domain.transportHelp")} hint={hints.domain.transport} />
      <SwitchField {...form.field("backup_mx")} label={t("domain.backupMx")} help={t("domain.backupMxHelp")} />
      <SwitchField {...form.field("active")} label={t("field.active")} help={t("domain.activeHelp")} />
    </Form>
  );
}
