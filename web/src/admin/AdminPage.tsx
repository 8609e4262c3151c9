import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router-dom";
import { useChange, useItem } from "../api/query";
import { type Answer, request } from "../api/request";
import { type Admin, at, hints } from "../api/types";
import { EraseButton } from "../parts/EraseButton";
import { Inactive } from "../parts/Badges";
import { Form } from "../parts/Form";
import { SwitchField } from "../parts/fields";
import { NewPassword } from "../parts/NewPassword";
import { Page } from "../parts/Page";
import { Section } from "../parts/Section";
import { Ready } from "../parts/States";
import { toast } from "../parts/toast";
import { useForm } from "../parts/useForm";
import { useMe } from "../session/session";
import { AdminErase } from "./AdminErase";
import { RankFields } from "./RankFields";

interface Props {
  item: Answer<Admin>;
  reload: () => void;
}

export function AdminPage() {
  const { t } = useTranslation();
  const { username = "" } = useParams();
  const item = useItem<Admin>(at("/admins/{username}", { username }));
  const of = item.data?.value;
  return (
    <Page title={of?.username ?? username} trail={[{ title: t("admin.many"), to: "/admins" }]}
          badge={of && <Inactive active={of.active} />} narrow>
      <Ready query={item}>
        {(answer) => (
          <>
            <Settings key={answer.etag} item={answer} reload={() => void item.refetch()} />
            <Rest item={answer} reload={() => void item.refetch()} />
          </>
        )}
      </Ready>
    </Page>
  );
}

function Settings({ item: { value, etag }, reload }: Props) {
  const { t } = useTranslation();
  const { username, super_admin, domains, active } = value;
  const start = { super_admin, domains, active };
  const change = useChange((body: Partial<typeof start>) =>
    request<Admin>("PATCH", at("/admins/{username}", { username }), { body, etag }));
  const form = useForm({
    start,
    save: (_, changed) => change.mutateAsync(changed),
    done: () => toast(t("done.saved", { name: username })),
  });
  return (
    <Section title={t("admin.settings")}>
      <Form form={form} label={t("admin.settings")} submit={t("action.save")} onReload={reload}>
        <RankFields rank={form.field("super_admin")} domains={form.field("domains")} />
        <SwitchField {...form.field("active")} label={t("field.active")} help={t("admin.activeHelp")} />
      </Form>
    </Section>
  );
}

function Rest({ item: { value, etag }, reload }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const me = useMe();
  const [dialog, setDialog] = useState<"none" | "password" | "erase">("none");
  const close = () => setDialog("none");
  const path = at("/admins/{username}", { username: value.username });
  const setPassword = useChange((password: string) => request<Admin>("PATCH", path, { body: { password }, etag }));

  return (
    <>
      <Section title={t("password.one")} hint={t("admin.passwordHint")}
               actions={<Button variant="default" onClick={() => setDialog("password")}>{t("password.set")}</Button>} />
      {value.username !== me.username && (
        <Section title={t("admin.erase")} hint={t("admin.eraseMeans")}
                 actions={<EraseButton label={t("admin.erase")} onClick={() => setDialog("erase")} />} />
      )}
      {dialog === "password" && (
        <NewPassword of={value.username} hint={hints.admin.password} onClose={close} onReload={reload}
                     save={(password) => setPassword.mutateAsync(password)} />
      )}
      {dialog === "erase" && (
        <AdminErase of={value} etag={etag} onClose={close} onDone={() => navigate("/admins")}
                    onReload={() => { close(); reload(); }} />
      )}
    </>
  );
}
