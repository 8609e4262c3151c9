// Sizes, counts and moments as people read them, in the language chosen.
import { useTranslation } from "react-i18next";

export const UNITS = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
export type Unit = keyof typeof UNITS;

/** The largest unit in which the size is at least 1. */
export function unitOf(bytes: number): Unit {
  if (bytes >= UNITS.TiB) return "TiB";
  return bytes >= UNITS.GiB ? "GiB" : "MiB";
}

export function formatBytes(bytes: number, language: string) {
  const number = (n: number, digits: number) => new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(n);
  if (bytes < 1024) return `${number(bytes, 0)} B`;
  if (bytes < UNITS.MiB) return `${number(bytes / 1024, 0)} KiB`;
  const unit = unitOf(bytes);
  const n = bytes / UNITS[unit];
  return `${number(n, n >= 100 ? 0 : n >= 10 ? 1 : 2)} ${unit}`;
}

export function useFormat() {
  const { i18n } = useTranslation();
  const language = i18n.language;
  return {
    bytes: (bytes: number) => formatBytes(bytes, language),
    count: (n: number) => new Intl.NumberFormat(language).format(n),
    moment: (at: string | null | undefined) => {
      const date = at ? new Date(at) : null;
      if (date === null || Number.isNaN(date.getTime())) return "–";
      return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(date);
    },
  };
}
