// An administrator gives somebody a new password.
import { useTranslation } from "react-i18next";
import type { Hint } from "../api/types";
import { Dialog } from "./Dialog";
import { Form } from "./Form";
import { PasswordField } from "./PasswordField";
import { toast } from "./toast";
import { useForm } from "./useForm";

interface Props {
  of: string;
  hint?: Hint;
  save: (password: string) => Promise<unknown>;
  onClose: () => void;
  onReload: () => void;
}

export function NewPassword({ of, hint, save, onClose, onReload }: Props) {
  const { t } = useTranslation();
  const form = useForm({
    start: { password: "" },
    save: ({ password }) => save(password),
    done: () => {
      toast(t("done.passwordSet", { name: of }));
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} title={t("password.setFor", { name: of })}>
      <Form form={form} label={t("password.set")} submit={t("password.set")} onCancel={onClose}
            onReload={() => { onClose(); onReload(); }}>
        <PasswordField {...form.field("password")} label={t("password.new")} hint={hint} choosing required autoFocus />
      </Form>
    </Dialog>
  );
}
