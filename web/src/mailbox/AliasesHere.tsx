// Which aliases lead to this mailbox: what its owner asks first when mail for "info@" goes astray.
import { Anchor, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { useList } from "../api/query";
import { type Alias, at } from "../api/types";
import { Breakable } from "../parts/Breakable";
import { Section } from "../parts/Section";
import { Ready } from "../parts/States";

const MOST = 100;

export function AliasesHere({ address }: { address: string }) {
  const { t } = useTranslation();
  const found = useList<Alias>(at("/aliases"), { search: address, limit: MOST });
  return (
    <Ready query={found} height={96}>
      {({ items }) => {
        const here = items.filter((alias) => alias.destinations.includes(address)); // the search finds parts of names, too
        return (
          <Section title={t("mailbox.aliases")}>
            {here.length === 0 && <Text size="sm" c="dimmed">{t("mailbox.noAliases")}</Text>}
            <Stack gap={4}>
              {here.map(({ address: alias }) => (
                <Anchor key={alias} component={Link} to={pageOf(alias)} size="sm"><Breakable name={alias} /></Anchor>
              ))}
            </Stack>
          </Section>
        );
      }}
    </Ready>
  );
}

function pageOf(alias: string) {
  const domain = alias.slice(alias.lastIndexOf("@") + 1);
  return `/domains/${encodeURIComponent(domain)}/aliases/${encodeURIComponent(alias)}/edit`;
}
