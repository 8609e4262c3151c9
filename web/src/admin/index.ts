export { AdminNewPage } from "./AdminNewPage";
export { AdminPage } from "./AdminPage";
export { AdminsPage } from "./AdminsPage";
