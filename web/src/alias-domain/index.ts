export { AliasDomainNewPage } from "./AliasDomainNewPage";
export { AliasDomainPage } from "./AliasDomainPage";
export { AliasDomainsPage } from "./AliasDomainsPage";
