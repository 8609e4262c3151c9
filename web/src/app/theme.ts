import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const reeve: MantineColorsTuple = [
  "#eaf6f6", "#d8eaeb", "#afd4d6", "#83bdc0", "#5faaae", "#489ea3", "#3a989e", "#2a848a", "#1c767c", "#00666c",
];

export const theme = createTheme({
  primaryColor: "reeve",
  colors: { reeve },
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: "md",
  cursorType: "pointer",
  // Fonts that are there already: nothing is fetched, and Japanese gets a Japanese face.
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", "Yu Gothic UI", Meiryo, sans-serif',
  headings: { fontWeight: "650" },
  components: {
    Modal: { defaultProps: { radius: "lg", padding: "lg" }, styles: { title: { fontWeight: 600, fontSize: "1.05rem", lineHeight: 1.4 } } },
    Alert: { defaultProps: { radius: "md" } },
    Paper: { defaultProps: { radius: "md" } },
    Checkbox: { defaultProps: { radius: "sm" } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    Progress: { defaultProps: { radius: "xl" } },
  },
});

/** Mantine's own quiet colours are too faint for small text (WCAG asks for 4.5:1). The last two are ours. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5a636c",
    "--mantine-color-placeholder": "#6b747d",
    "--mantine-color-error": "var(--mantine-color-red-9)",
    "--mantine-color-red-light-color": "var(--mantine-color-red-9)",
    "--mantine-color-reeve-light-color": "var(--mantine-color-reeve-9)",
    "--page": "var(--mantine-color-gray-0)",
    "--row-hover": "var(--mantine-color-gray-0)",
  },
  dark: {
    "--mantine-color-dimmed": "#a3a3a3",
    "--mantine-color-placeholder": "#9a9a9a",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    "--page": "var(--mantine-color-dark-8)",
    "--row-hover": "#2b2b2b",
  },
});
