import { useState } from "react";
import { useTranslation } from "react-i18next";
import { request } from "../api/request";
import { at, hints } from "../api/types";
import { Form } from "../parts/Form";
import { PasswordField } from "../parts/PasswordField";
import { Section } from "../parts/Section";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";

const start = { current: "", new: "" };

export function OwnPassword() {
  const [round, setRound] = useState(0); // a changed password leaves an empty form behind
  return <Editor key={round} onChanged={() => setRound(round + 1)} />;
}

function Editor({ onChanged }: { onChanged: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    start,
    save: (body) => request("PUT", at("/me/password"), { body }),
    done: () => {
      toast(t("account.passwordChanged"));
      onChanged();
    },
  });
  return (
    <Section title={t("password.change")} hint={t("account.passwordHint")}>
      <Form form={form} label={t("password.change")} submit={t("password.change")}>
        <PasswordField {...form.field("current")} label={t("password.current")} hint={hints.password.current} required />
        <PasswordField {...form.field("new")} label={t("password.new")} hint={hints.password.new} choosing required />
      </Form>
    </Section>
  );
}
