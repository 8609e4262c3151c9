export { AliasList } from "./AliasList";
export { AliasNewPage } from "./AliasNewPage";
export { AliasPage } from "./AliasPage";
