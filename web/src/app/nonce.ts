// The CSP lets a style element in only with the nonce of this answer; postreeved wrote it into index.html.
import { setNonce } from "get-nonce";

export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// Mantine takes the nonce from its provider; the scroll lock of its dialogs takes it from here.
setNonce(nonce);
