// Asks, deletes what is at `path`, and says that it is gone. Each resource says what that means for mail.
import { type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useErase } from "../api/query";
import { Confirm } from "./Confirm";
import { toast } from "./toast";

/** What a list or a page gives, whatever the resource. */
export interface Erasing<T> {
  of: T;
  etag?: string | null;
  onDone: () => void;
  onClose: () => void;
  onReload?: () => void;
}

interface Props extends Omit<Erasing<unknown>, "of"> {
  path: string;
  name: string;
  retype?: string;
  children: ReactNode;
}

export function Erase({ path, name, etag, onDone, ...rest }: Props) {
  const { t } = useTranslation();
  const erase = useErase(path, etag);
  const done = () => {
    toast(t("done.deleted", { name }));
    onDone();
  };
  return (
    <Confirm {...rest} ask={t("confirm.delete", { name })} yes={t("action.delete")} onDone={done}
             onYes={() => erase.mutateAsync()} />
  );
}
