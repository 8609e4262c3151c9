import { useTranslation } from "react-i18next";
import { type Domain, at } from "../api/types";
import { Erase, type Erasing } from "../parts/Erase";

export function DomainErase({ of: { domain, mailbox_count, alias_count }, ...rest }: Erasing<Domain>) {
  const { t } = useTranslation();

  return (
    <Erase {...rest} path={at("/domains/{domain}", { domain })} name={domain} retype={mailbox_count > 0 ? domain : undefined}>
      {t("domain.eraseMeans", { mailboxes: mailbox_count, aliases: alias_count })}
    </Erase>
  );
}
