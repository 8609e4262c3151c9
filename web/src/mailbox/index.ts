export { MailboxList } from "./MailboxList";
export { MailboxNewPage } from "./MailboxNewPage";
export { MailboxPage } from "./MailboxPage";
