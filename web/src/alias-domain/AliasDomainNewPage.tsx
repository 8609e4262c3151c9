import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { useChange } from "../api/query";
import { request } from "../api/request";
import { type AliasDomain, at, hints } from "../api/types";
import { DomainField } from "../domain/DomainPicker";
import { Form } from "../parts/Form";
import { SwitchField, TextField } from "../parts/fields";
import { Page } from "../parts/Page";
import { Section } from "../parts/Section";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";

const start = { alias_domain: "", target_domain: "", description: "", active: true };

export function AliasDomainNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useChange((body: typeof start) => request<AliasDomain>("POST", at("/alias-domains"), { body }));
  const form = useForm({
    start,
    save: (draft) => create.mutateAsync({ ...draft, alias_domain: draft.alias_domain.trim() }),
    done: ({ value }) => {
      toast(t("done.created", { name: value.alias_domain }));
      navigate("/alias-domains");
    },
  });

  return (
    <Page title={t("aliasDomain.add")} trail={[{ title: t("aliasDomain.many"), to: "/alias-domains" }]} narrow>
      <Section title={t("aliasDomain.one")} hint={t("aliasDomain.hint")}>
        <Form form={form} label={t("aliasDomain.add")} submit={t("action.create")} always onCancel={() => navigate("/alias-domains")}>
          <TextField {...form.field("alias_domain")} label={t("aliasDomain.one")} hint={hints.aliasDomain.alias_domain} required autoFocus placeholder="example.net" />
          <DomainField {...form.field("target_domain")} label={t("aliasDomain.target")} help={t("aliasDomain.targetHelp")} required />
          <TextField {...form.field("description")} label={t("field.description")} hint={hints.aliasDomain.description} />
          <SwitchField {...form.field("active")} label={t("field.active")} help={t("aliasDomain.activeHelp")} />
        </Form>
      </Section>
    </Page>
  );
}
