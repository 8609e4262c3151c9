import { useTranslation } from "react-i18next";
import { type Mailbox, at } from "../api/types";
import { Erase, type Erasing } from "../parts/Erase";

export function MailboxErase({ of: { address, maildir }, ...rest }: Erasing<Mailbox>) {
  const { t } = useTranslation();

  return (
    <Erase {...rest} path={at("/mailboxes/{address}", { address })} name={address}>
      {t("mailbox.eraseMeans", { maildir })}
    </Erase>
  );
}
