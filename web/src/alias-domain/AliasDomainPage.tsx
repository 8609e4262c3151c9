import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { useChange, useItem } from "../api/query";
import { type Answer, request } from "../api/request";
import { type AliasDomain, at, hints } from "../api/types";
import { DomainField } from "../domain/DomainPicker";
import { EraseButton } from "../parts/EraseButton";
import { Inactive } from "../parts/Badges";
import { Form } from "../parts/Form";
import { SwitchField, TextField } from "../parts/fields";
import { Page } from "../parts/Page";
import { Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";
import { AliasDomainErase } from "./AliasDomainErase";

interface Props {
  item: Answer<AliasDomain>;
  reload: () => void;
}

export function AliasDomainPage() {
  const { t } = useTranslation();
  const { domain = "" } = useParams();
  const item = useItem<AliasDomain>(at("/alias-domains/{domain}", { domain }));
  const of = item.data?.value;
  return (
    <Page title={of?.alias_domain ?? domain} trail={[{ title: t("aliasDomain.many"), to: "/alias-domains" }]}
          badge={of && <Inactive active={of.active} />} narrow>
      <Ready query={item}>
        {(answer) => (
          <>
            <Settings key={answer.etag} item={answer} reload={() => void item.refetch()} />
            <End item={answer} reload={() => void item.refetch()} />
          </>
        )}
      </Ready>
    </Page>
  );
}

function Settings({ item: { value, etag }, reload }: Props) {
  const { t } = useTranslation();
  const { alias_domain, target_domain, description, active } = value;
  const start = { target_domain, description, active };
  const change = useChange((body: Partial<typeof start>) =>
    request<AliasDomain>("PATCH", at("/alias-domains/{domain}", { domain: alias_domain }), { body, etag }));
  const form = useForm({
    start,
    save: (_, changed) => change.mutateAsync(changed),
    done: () => toast(t("done.saved", { name: alias_domain })),
  });
  return (
    <Section title={t("aliasDomain.settings")} hint={t("aliasDomain.hint")}>
      <Form form={form} label={t("aliasDomain.settings")} submit={t("action.save")} onReload={reload}>
        <DomainField {...form.field("target_domain")} label={t("aliasDomain.target")} help={t("aliasDomain.targetHelp")} required />
        <TextField {...form.field("description")} label={t("field.description")} hint={hints.aliasDomain.description} />
        <SwitchField {...form.field("active")} label={t("field.active")} help={t("aliasDomain.activeHelp")} />
      </Form>
    </Section>
  );
}

function End({ item: { value, etag }, reload }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [erasing, setErasing] = useState(false);
  return (
    <>
      <Section title={t("aliasDomain.erase")} hint={t("aliasDomain.eraseHint")}
               actions={<EraseButton label={t("aliasDomain.erase")} onClick={() => setErasing(true)} />} />
      {erasing && (
        <AliasDomainErase of={value} etag={etag} onClose={() => setErasing(false)} onDone={() => navigate("/alias-domains")}
                          onReload={() => { setErasing(false); reload(); }} />
      )}
    </>
  );
}
