// A problem in the reader's language: by code and figures where we know the code, else as the server put it.
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { FieldProblem, Problem } from "../api/problem";
import { formatBytes } from "./format";

const PLACEHOLDER = /\{\{(\w+)\}\}/g;

/** The sentence for one field. A figure that the sentence needs and the server did not send: the server's own words. */
export function fieldWords(t: TFunction, language: string, problem: FieldProblem): string {
  const words = t(`problem.${isNothing(problem) ? "required" : problem.code}` as "problem.required", { defaultValue: "", skipInterpolation: true });
  if (words === "") return problem.detail;
  let whole = true;
  const said = words.replace(PLACEHOLDER, (_, name: string) => {
    const figure = problem[name];
    if (figure === undefined || figure === null) whole = false;
    return typeof figure === "number" ? number(figure, name, problem.field, language) : String(figure);
  });
  return whole ? said : problem.detail;
}

/** "At least 1 character" is how a server says that there has to be something. */
const isNothing = ({ code, min }: FieldProblem) => (code === "too_short" || code === "too_few") && min === 1;

function number(figure: number, name: string, field: string, language: string) {
  const isSize = name.endsWith("_bytes") || field.endsWith("_bytes");
  return isSize ? formatBytes(figure, language) : new Intl.NumberFormat(language).format(figure);
}

/** The sentence for the answer as a whole. */
export function problemWords(t: TFunction, problem: Problem): string {
  const wait = problem.retryAfterSeconds ?? 0;
  switch (problem.status) {
    case 0: return t("answer.unreachable");
    case 401: return t("answer.loggedOut");
    case 403: return t("answer.denied");
    case 404: return t("answer.missing");
    case 409: return t("answer.conflict");
    case 412: return t("answer.stale");
    case 413: return t("answer.tooLarge");
    case 422: return t("answer.invalid");
    case 429: return wait > 90 ? t("answer.throttledMinutes", { n: Math.ceil(wait / 60) }) : t("answer.throttled", { n: wait || 60 });
    case 502: case 503: case 504: return t("answer.busy");
    default: return t("answer.broken");
  }
}

export function useWords() {
  const { t, i18n } = useTranslation();
  return {
    field: (problem: FieldProblem) => fieldWords(t, i18n.language, problem),
    answer: (problem: Problem) => problemWords(t, problem),
  };
}
