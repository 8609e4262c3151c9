import { useTranslation } from "react-i18next";
import { useErase } from "../api/query";
import { type Mailbox, at } from "../api/types";
import { Confirm } from "../parts/Confirm";
import { toast } from "../parts/toast";

interface Props {
  of: Mailbox;
  etag?: string | null;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
}

export function MailboxErase({ of: { address, maildir }, etag, onDone, ...rest }: Props) {
  const { t } = useTranslation();
  const erase = useErase(at("/mailboxes/{address}", { address }), etag);
  const done = () => {
    toast(t("done.deleted", { name: address }));
    onDone();
  };
  return (
    <Confirm {...rest} ask={t("confirm.delete", { name: address })} yes={t("action.delete")} onDone={done}
             onYes={() => erase.mutateAsync()}>
      {t("mailbox.eraseMeans", { maildir })}
    </Confirm>
  );
}
