// A bug of ours, or a page whose file is gone because a newer version was installed meanwhile.
import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function Broken() {
  const { t } = useTranslation();
  return (
    <Center mih="80vh" p="md">
      <Stack align="center" gap="sm" maw={420}>
        <Title order={1} size="h3">{t("state.broken")}</Title>
        <Text ta="center" c="dimmed">{t("state.brokenHint")}</Text>
        <Button onClick={() => location.reload()}>{t("action.reload")}</Button>
      </Stack>
    </Center>
  );
}
