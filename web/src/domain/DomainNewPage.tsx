import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { useChange } from "../api/query";
import { request } from "../api/request";
import { type Domain, at } from "../api/types";
import { Page } from "../parts/Page";
import { Section } from "../parts/Section";
import { toast } from "../parts/toast";
import { filled } from "../parts/useForm";
import { type Draft, DomainForm } from "./DomainForm";

const start: Draft = {
  domain: "", description: "", mailbox_limit: null, alias_limit: null, mailbox_quota_max_bytes: null, quota_bytes: null,
  transport: "", backup_mx: false, active: true,
};

export function DomainNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useChange((draft: Draft) => request<Domain>("POST", at("/domains"), { body: filled(draft) }));

  return (
    <Page title={t("domain.add")} trail={[{ title: t("domain.many"), to: "/domains" }]} narrow>
      <Section title={t("domain.settings")}>
        <DomainForm
          isNew start={start} save={(draft) => create.mutateAsync(draft)} onCancel={() => navigate("/domains")}
          done={({ value }) => {
            toast(t("done.created", { name: value.domain }));
            navigate(`/domains/${encodeURIComponent(value.domain)}/mailboxes`);
          }}
        />
      </Section>
    </Page>
  );
}
