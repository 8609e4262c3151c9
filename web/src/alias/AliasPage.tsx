import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { useChange, useItem } from "../api/query";
import { type Answer, request } from "../api/request";
import { type Alias, at, hints } from "../api/types";
import { EraseButton } from "../parts/EraseButton";
import { Inactive } from "../parts/Badges";
import { Form } from "../parts/Form";
import { AddressesField } from "../parts/AddressesField";
import { SwitchField, TextField } from "../parts/fields";
import { Page } from "../parts/Page";
import { Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";
import { AliasErase } from "./AliasErase";
import { aliasesOf, isCatchAll } from "./paths";

interface Props {
  item: Answer<Alias>;
  reload: () => void;
}

export function AliasPage() {
  const { t } = useTranslation();
  const { domain = "", address = "" } = useParams();
  const item = useItem<Alias>(at("/aliases/{address}", { address }));
  const trail = [{ title: t("domain.many"), to: "/domains" }, { title: domain, to: aliasesOf(domain) }];
  const of = item.data?.value;

  return (
    <Page title={of?.address ?? address} trail={trail} badge={of && <Inactive active={of.active} />} narrow
          hint={isCatchAll(address) ? t("alias.catchAllHint", { domain }) : undefined}>
      <Ready query={item}>
        {(answer) => (
          <>
            <Settings key={answer.etag} item={answer} reload={() => void item.refetch()} />
            <End domain={domain} item={answer} reload={() => void item.refetch()} />
          </>
        )}
      </Ready>
    </Page>
  );
}

function Settings({ item: { value, etag }, reload }: Props) {
  const { t } = useTranslation();
  const { address, destinations, description, active } = value;
  const start = { destinations, description, active };
  const change = useChange((body: Partial<typeof start>) =>
    request<Alias>("PATCH", at("/aliases/{address}", { address }), { body, etag }));
  const form = useForm({
    start,
    save: (_, changed) => change.mutateAsync(changed),
    done: () => toast(t("done.saved", { name: address })),
  });

  return (
    <Section title={t("alias.settings")}>
      <Form form={form} label={t("alias.settings")} submit={t("action.save")} onReload={reload}>
        <AddressesField {...form.field("destinations")} label={t("alias.destinations")} help={t("alias.destinationsHelp")}
                        hint={hints.alias.destinations} required />
        <TextField {...form.field("description")} label={t("field.description")} hint={hints.alias.description} />
        <SwitchField {...form.field("active")} label={t("field.active")} help={t("alias.activeHelp")} />
      </Form>
    </Section>
  );
}

function End({ domain, item: { value, etag }, reload }: Props & { domain: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [erasing, setErasing] = useState(false);
  return (
    <>
      <Section title={t("alias.erase")} hint={t("alias.eraseHint")}
               actions={<EraseButton label={t("alias.erase")} onClick={() => setErasing(true)} />} />
      {erasing && (
        <AliasErase of={value} etag={etag} onClose={() => setErasing(false)} onDone={() => navigate(aliasesOf(domain))}
                    onReload={() => { setErasing(false); reload(); }} />
      )}
    </>
  );
}
