export { DomainNewPage } from "./DomainNewPage";
export { DomainPage } from "./DomainPage";
export { DomainSettings } from "./DomainSettings";
export { DomainsPage } from "./DomainsPage";
