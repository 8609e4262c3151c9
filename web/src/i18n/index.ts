// Two languages, one catalogue each; the type of the English one is what the Japanese one must fulfil.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Catalogue } from "./en";

export const LANGUAGES = { en: "English", ja: "日本語" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "postreeve.language";

const catalogues: Record<Language, () => Promise<Catalogue>> = {
  en: async () => (await import("./en")).en,
  ja: async () => (await import("./ja")).ja,
};

const isLanguage = (given: string | null | undefined): given is Language => given === "en" || given === "ja";

/** What was chosen here before, else the first of the browser's languages that we speak. */
function preferred(): Language {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((l) => l.split("-")[0]).find(isLanguage) ?? "en";
}

async function load(language: Language) {
  if (!i18next.hasResourceBundle(language, "translation"))
    i18next.addResourceBundle(language, "translation", await catalogues[language]());
}

export async function startI18n() {
  const language = preferred();
  const catalogue = await catalogues[language]();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: catalogue } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
    showSupportNotice: false,
  });
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language) {
  localStorage.setItem(STORED, language);
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
