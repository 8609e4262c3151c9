// The interface's own words, so that a test says what it means and holds in both languages.
import { en, type Catalogue } from "../../web/src/i18n/en";
import { ja } from "../../web/src/i18n/ja";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];
export const LOCALES: Record<Language, string> = { en: "en-GB", ja: "ja-JP" };

const catalogues: Record<Language, Catalogue> = { en, ja };
type Flat = Omit<Catalogue, "verb">;
export type Key = { [G in keyof Flat]: `${G}.${keyof Flat[G] & string}` }[keyof Flat];
export type Say = (key: Key, figures?: Record<string, string | number>) => string;

export const speaker = (language: Language): Say => (key, figures = {}) => {
  const [group, name] = key.split(".") as [keyof Flat, string];
  const words = (catalogues[language][group] as Record<string, string>)[name];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{\{(\w+)\}\}/g, (_, figure: string) => String(figures[figure] ?? ""));
};
