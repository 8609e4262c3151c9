import { Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useOutletContext } from "react-router-dom";
import { useChange } from "../api/query";
import { request } from "../api/request";
import { type Domain, at } from "../api/types";
import { EraseButton } from "../parts/EraseButton";
import { Section } from "../parts/Section";
import { toast } from "../parts/toast";
import { DomainErase } from "./DomainErase";
import { type Draft, DomainForm } from "./DomainForm";
import type { InDomain } from "./DomainPage";

const draftOf = ({ domain, description, mailbox_limit, alias_limit, mailbox_quota_max_bytes, quota_bytes, transport, backup_mx, active }: Domain): Draft =>
  ({ domain, description, mailbox_limit, alias_limit, mailbox_quota_max_bytes, quota_bytes, transport, backup_mx, active });

export function DomainSettings() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { item: { value, etag }, reload } = useOutletContext<InDomain>();
  const [erasing, setErasing] = useState(false);
  const path = at("/domains/{domain}", { domain: value.domain });
  const change = useChange((body: Partial<Draft>) => request<Domain>("PATCH", path, { body, etag }));

  return (
    <Stack gap="lg" maw={720}>
      <Section title={t("domain.settings")}>
        <DomainForm key={etag} isNew={false} start={draftOf(value)} save={(_, changed) => change.mutateAsync(changed)}
                    done={() => toast(t("done.saved", { name: value.domain }))} onReload={reload} />
      </Section>
      <Section title={t("domain.erase")} hint={t("domain.eraseHint")}
               actions={<EraseButton label={t("domain.erase")} onClick={() => setErasing(true)} />} />
      {erasing && (
        <DomainErase of={value} etag={etag} onClose={() => setErasing(false)} onDone={() => navigate("/domains")}
                     onReload={() => { setErasing(false); reload(); }} />
      )}
    </Stack>
  );
}
