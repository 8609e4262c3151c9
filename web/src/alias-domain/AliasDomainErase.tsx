import { useTranslation } from "react-i18next";
import { type AliasDomain, at } from "../api/types";
import { Erase, type Erasing } from "../parts/Erase";

export function AliasDomainErase({ of: { alias_domain, target_domain }, ...rest }: Erasing<AliasDomain>) {
  const { t } = useTranslation();

  return (
    <Erase {...rest} path={at("/alias-domains/{domain}", { domain: alias_domain })} name={alias_domain}>
      {t("aliasDomain.eraseMeans", { alias: alias_domain, target: target_domain })}
    </Erase>
  );
}
