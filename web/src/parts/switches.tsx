// The reader's own choices: language and colour scheme.
import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, chooseLanguage } from "../i18n";
import { IconCheck, IconLanguage, IconMoon, IconSun, IconSunMoon } from "./icons";

interface Choice<K extends string> {
  is: K;
  label: string;
  lang?: string;
}

function Choose<K extends string>({ label, icon, now, choices, onChoose }: {
  label: string; icon: ReactNode; now: string; choices: Choice<K>[]; onChoose: (chosen: K) => void;
}) {
  return (
    <Menu position="bottom-end" width={190} withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} title={label}>{icon}</ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{label}</Menu.Label>
        {choices.map((choice) => (
          <Menu.Item key={choice.is} lang={choice.lang} aria-current={choice.is === now || undefined}
                     rightSection={choice.is === now ? <IconCheck size={16} /> : null} onClick={() => onChoose(choice.is)}>
            {choice.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const choices = (Object.keys(LANGUAGES) as Language[]).map((is) => ({ is, label: LANGUAGES[is], lang: is }));
  return (
    <Choose label={t("switch.language")} icon={<IconLanguage />} now={i18n.language} choices={choices}
            onChoose={(language) => void chooseLanguage(language)} />
  );
}

const schemeIcons: Record<MantineColorScheme, ReactNode> = { light: <IconSun />, dark: <IconMoon />, auto: <IconSunMoon /> };

export function SchemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choices: Choice<MantineColorScheme>[] = [
    { is: "light", label: t("switch.light") },
    { is: "dark", label: t("switch.dark") },
    { is: "auto", label: t("switch.auto") },
  ];
  return (
    <Choose label={t("switch.scheme")} icon={schemeIcons[colorScheme]} now={colorScheme} choices={choices}
            onChoose={setColorScheme} />
  );
}
