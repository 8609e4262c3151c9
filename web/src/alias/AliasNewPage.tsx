import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { useChange } from "../api/query";
import { request } from "../api/request";
import { type Alias, at, hints } from "../api/types";
import { Form } from "../parts/Form";
import { AddressesField } from "../parts/AddressesField";
import { SwitchField, TextField } from "../parts/fields";
import { Page } from "../parts/Page";
import { Section } from "../parts/Section";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";
import { aliasesOf } from "./paths";

const start = { local_part: "", destinations: [] as string[], description: "", active: true };

export function AliasNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { domain = "" } = useParams();
  const create = useChange((body: typeof start) =>
    request<Alias>("POST", at("/domains/{domain}/aliases", { domain }), { body }));
  const form = useForm({
    start,
    save: (draft) => create.mutateAsync({ ...draft, local_part: draft.local_part.trim() }),
    done: ({ value }) => {
      toast(t("done.created", { name: value.address }));
      navigate(aliasesOf(domain));
    },
    alsoCalled: { local_part: "address" },
  });
  const catchAll = form.values.local_part.trim() === "";

  return (
    <Page title={t("alias.add")} narrow
          trail={[{ title: t("domain.many"), to: "/domains" }, { title: domain, to: aliasesOf(domain) }]}>
      <Section title={t("alias.one")}>
        <Form form={form} label={t("alias.add")} submit={t("action.create")} always onCancel={() => navigate(aliasesOf(domain))}>
          <TextField {...form.field("local_part")} label={t("field.address")} suffix={`@${domain}`} autoFocus inputMode="email"
                     help={catchAll ? t("alias.emptyIsCatchAll", { domain }) : t("alias.addressHelp")} hint={hints.alias.local_part} />
          <AddressesField {...form.field("destinations")} label={t("alias.destinations")} help={t("alias.destinationsHelp")}
                          hint={hints.alias.destinations} required />
          <TextField {...form.field("description")} label={t("field.description")} hint={hints.alias.description} />
          <SwitchField {...form.field("active")} label={t("field.active")} help={t("alias.activeHelp")} />
        </Form>
      </Section>
    </Page>
  );
}
