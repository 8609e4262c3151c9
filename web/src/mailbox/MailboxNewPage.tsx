import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { useChange, useItem } from "../api/query";
import { request } from "../api/request";
import { type Domain, type Mailbox, at, hints } from "../api/types";
import { Form } from "../parts/Form";
import { SwitchField, TextField } from "../parts/fields";
import { SizeField } from "../parts/limits";
import { Page } from "../parts/Page";
import { PasswordField } from "../parts/PasswordField";
import { Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";
import { mailboxesOf } from "./paths";

export function MailboxNewPage() {
  const { t } = useTranslation();
  const { domain = "" } = useParams();
  const home = useItem<Domain>(at("/domains/{domain}", { domain }));
  const trail = [{ title: t("domain.many"), to: "/domains" }, { title: domain, to: mailboxesOf(domain) }];

  return (
    <Page title={t("mailbox.add")} trail={trail} narrow>
      <Ready query={home}>{({ value }) => <NewForm home={value} />}</Ready>
    </Page>
  );
}

/** As much as the domain lets one mailbox have and has left to give; no limit where it has none itself. */
function firstQuota({ mailbox_quota_max_bytes: each, quota_bytes: all, quota_given_bytes: given }: Domain) {
  const bounds = [each, all === null ? null : Math.max(0, all - given)].filter((bound) => bound !== null);
  return bounds.length === 0 ? null : Math.min(...bounds);
}

function NewForm({ home }: { home: Domain }) {
  const { domain } = home;
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = { local_part: "", display_name: "", password: "", quota_bytes: firstQuota(home), active: true };
  const create = useChange((body: typeof start) =>
    request<Mailbox>("POST", at("/domains/{domain}/mailboxes", { domain }), { body }));
  const form = useForm({
    start,
    save: (draft) => create.mutateAsync({ ...draft, local_part: draft.local_part.trim() }),
    done: ({ value }) => {
      toast(t("done.created", { name: value.address }));
      navigate(mailboxesOf(domain));
    },
    alsoCalled: { local_part: "address" },
  });

  return (
    <Section title={t("mailbox.one")}>
      <Form form={form} label={t("mailbox.add")} submit={t("action.create")} always onCancel={() => navigate(mailboxesOf(domain))}>
        <TextField {...form.field("local_part")} label={t("field.address")} suffix={`@${domain}`} hint={hints.mailbox.local_part} required autoFocus inputMode="email" />
        <TextField {...form.field("display_name")} label={t("mailbox.displayName")} hint={hints.mailbox.display_name} />
        <PasswordField {...form.field("password")} label={t("password.one")} hint={hints.mailbox.password} choosing required />
        <SizeField {...form.field("quota_bytes")} label={t("mailbox.quota")} none={t("field.noLimit")} hint={hints.mailbox.quota_bytes} />
        <SwitchField {...form.field("active")} label={t("field.active")} help={t("mailbox.activeHelp")} />
      </Form>
    </Section>
  );
}
