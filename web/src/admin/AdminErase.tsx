import { useTranslation } from "react-i18next";
import { type Admin, at } from "../api/types";
import { Erase, type Erasing } from "../parts/Erase";

export function AdminErase({ of: { username }, ...rest }: Erasing<Admin>) {
  const { t } = useTranslation();

  return (
    <Erase {...rest} path={at("/admins/{username}", { username })} name={username}>
      {t("admin.eraseMeans")}
    </Erase>
  );
}
