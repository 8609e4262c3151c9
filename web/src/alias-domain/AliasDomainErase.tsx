import { useTranslation } from "react-i18next";
import { useErase } from "../api/query";
import { type AliasDomain, at } from "../api/types";
import { Confirm } from "../parts/Confirm";
import { toast } from "../parts/toast";

interface Props {
  of: AliasDomain;
  etag?: string | null;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
}

export function AliasDomainErase({ of: { alias_domain, target_domain }, etag, onDone, ...rest }: Props) {
  const { t } = useTranslation();
  const erase = useErase(at("/alias-domains/{domain}", { domain: alias_domain }), etag);
  const done = () => {
    toast(t("done.deleted", { name: alias_domain }));
    onDone();
  };
  return (
    <Confirm {...rest} ask={t("confirm.delete", { name: alias_domain })} yes={t("action.delete")} onDone={done}
             onYes={() => erase.mutateAsync()}>
      {t("aliasDomain.eraseMeans", { alias: alias_domain, target: target_domain })}
    </Confirm>
  );
}
