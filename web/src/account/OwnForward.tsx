import { useTranslation } from "react-i18next";
import { useChange, useItem } from "../api/query";
import { type Answer, request } from "../api/request";
import { type Forward, at } from "../api/types";
import { ForwardFields } from "../mailbox/ForwardFields";
import { Form } from "../parts/Form";
import { Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";

export function OwnForward() {
  const forward = useItem<Forward>(at("/me/forward"));
  return (
    <Ready query={forward} height={240}>
      {(item) => <Editor key={item.etag ?? JSON.stringify(item.value)} item={item} reload={() => void forward.refetch()} />}
    </Ready>
  );
}

function Editor({ item: { value, etag }, reload }: { item: Answer<Forward>; reload: () => void }) {
  const { t } = useTranslation();
  const change = useChange((body: Forward) => request<Forward>("PUT", at("/me/forward"), { body, etag }));
  const form = useForm({
    start: { forward: value },
    save: ({ forward }) => change.mutateAsync(forward),
    done: () => toast(t("account.forwardSaved")),
    alsoCalled: { forward: "destinations" },
  });
  return (
    <Section title={t("forward.title")}>
      <Form form={form} label={t("forward.title")} submit={t("action.save")} onReload={reload}>
        <ForwardFields {...form.field("forward")} />
      </Form>
    </Section>
  );
}
