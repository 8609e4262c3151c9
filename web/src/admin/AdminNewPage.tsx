import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router-dom";
import { useChange } from "../api/query";
import { request } from "../api/request";
import { type Admin, at, hints } from "../api/types";
import { Form } from "../parts/Form";
import { SwitchField, TextField } from "../parts/fields";
import { Page } from "../parts/Page";
import { PasswordField } from "../parts/PasswordField";
import { Section } from "../parts/Section";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";
import { RankFields } from "./RankFields";

const start = { username: "", password: "", super_admin: false, domains: [] as string[], active: true };

export function AdminNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useChange((body: typeof start) => request<Admin>("POST", at("/admins"), { body }));
  const form = useForm({
    start,
    save: (draft) => create.mutateAsync({ ...draft, username: draft.username.trim() }),
    done: ({ value }) => {
      toast(t("done.created", { name: value.username }));
      navigate("/admins");
    },
  });

  return (
    <Page title={t("admin.add")} trail={[{ title: t("admin.many"), to: "/admins" }]} narrow>
      <Section title={t("admin.one")}>
        <Form form={form} label={t("admin.add")} submit={t("action.create")} always onCancel={() => navigate("/admins")}>
          <TextField {...form.field("username")} label={t("admin.username")} help={t("admin.usernameHelp")}
                     hint={hints.admin.username} required autoFocus inputMode="email" placeholder="admin@example.jp" />
          <PasswordField {...form.field("password")} label={t("password.one")} hint={hints.admin.password} choosing required />
          <RankFields rank={form.field("super_admin")} domains={form.field("domains")} />
          <SwitchField {...form.field("active")} label={t("field.active")} help={t("admin.activeHelp")} />
        </Form>
      </Section>
    </Page>
  );
}
