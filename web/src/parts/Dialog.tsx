// A dialog that is there or is not: it opens when it appears, and the focus goes back to where it came from.
import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

type Props = Pick<ModalProps, "title" | "size" | "children" | "onClose">;

export function Dialog(props: Props) {
  const { t } = useTranslation();
  useFocusBack();
  return <Modal {...props} opened centered closeButtonProps={{ "aria-label": t("action.close") }} />;
}

/** To what had the focus before; or, when that was deleted meanwhile, to the page's heading. */
function useFocusBack() {
  const [before] = useState(() => document.activeElement);
  useEffect(() => () => {
    requestAnimationFrame(() => {
      const to = before instanceof HTMLElement && before.isConnected ? before : document.querySelector<HTMLElement>("h1");
      if (document.activeElement === document.body) to?.focus({ preventScroll: true });
    });
  }, [before]);
}
