import { useTranslation } from "react-i18next";
import { useErase } from "../api/query";
import { type Domain, at } from "../api/types";
import { Confirm } from "../parts/Confirm";
import { toast } from "../parts/toast";

interface Props {
  of: Domain;
  etag?: string | null;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
}

export function DomainErase({ of, etag, onDone, ...rest }: Props) {
  const { t } = useTranslation();
  const { domain } = of;
  const erase = useErase(at("/domains/{domain}", { domain }), etag);
  const done = () => {
    toast(t("done.deleted", { name: domain }));
    onDone();
  };
  return (
    <Confirm {...rest} ask={t("confirm.delete", { name: domain })} yes={t("action.delete")} onDone={done}
             onYes={() => erase.mutateAsync()} retype={of.mailbox_count > 0 ? domain : undefined}>
      {t("domain.eraseMeans", { mailboxes: of.mailbox_count, aliases: of.alias_count })}
    </Confirm>
  );
}
