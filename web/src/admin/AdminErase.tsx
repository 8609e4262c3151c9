import { useTranslation } from "react-i18next";
import { useErase } from "../api/query";
import { type Admin, at } from "../api/types";
import { Confirm } from "../parts/Confirm";
import { toast } from "../parts/toast";

interface Props {
  of: Admin;
  etag?: string | null;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
}

export function AdminErase({ of: { username }, etag, onDone, ...rest }: Props) {
  const { t } = useTranslation();
  const erase = useErase(at("/admins/{username}", { username }), etag);
  const done = () => {
    toast(t("done.deleted", { name: username }));
    onDone();
  };
  return (
    <Confirm {...rest} ask={t("confirm.delete", { name: username })} yes={t("action.delete")} onDone={done}
             onYes={() => erase.mutateAsync()}>
      {t("admin.eraseMeans")}
    </Confirm>
  );
}
