import type { TFunction } from "i18next";

/** What was done; a verb that this interface is too old to know stays as the server calls it. */
export function verbWords(t: TFunction, verb: string) {
  return t(`verb.${verb}` as "verb.domain.create", { defaultValue: verb });
}
