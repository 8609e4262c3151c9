import { useTranslation } from "react-i18next";
import { type Alias, at } from "../api/types";
import { Erase, type Erasing } from "../parts/Erase";
import { isCatchAll } from "./paths";

export function AliasErase({ of: { address, destinations }, ...rest }: Erasing<Alias>) {
  const { t } = useTranslation();

  return (
    <Erase {...rest} path={at("/aliases/{address}", { address })} name={address}>
      {isCatchAll(address) ? t("alias.catchAllEraseMeans") : t("alias.eraseMeans", { destinations: destinations.join(", ") })}
    </Erase>
  );
}
