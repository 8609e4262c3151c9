import { useTranslation } from "react-i18next";
import { useErase } from "../api/query";
import { type Alias, at } from "../api/types";
import { Confirm } from "../parts/Confirm";
import { toast } from "../parts/toast";
import { isCatchAll } from "./paths";

interface Props {
  of: Alias;
  etag?: string | null;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
}

export function AliasErase({ of: { address, destinations }, etag, onDone, ...rest }: Props) {
  const { t } = useTranslation();
  const erase = useErase(at("/aliases/{address}", { address }), etag);
  const done = () => {
    toast(t("done.deleted", { name: address }));
    onDone();
  };
  return (
    <Confirm {...rest} ask={t("confirm.delete", { name: address })} yes={t("action.delete")} onDone={done}
             onYes={() => erase.mutateAsync()}>
      {isCatchAll(address) ? t("alias.catchAllEraseMeans") : t("alias.eraseMeans", { destinations: destinations.join(", ") })}
    </Confirm>
  );
}
