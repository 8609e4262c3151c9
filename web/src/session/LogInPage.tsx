// The door. The same answer whether or not the account exists; the server sees to that.
import { Alert, Box, Button, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Navigate, useSearchParams } from "react-router-dom";
import { asProblem } from "../api/problem";
import { hints, type Session } from "../api/types";
import { TextField } from "../parts/fields";
import { IconAlert } from "../parts/icons";
import { Logo } from "../parts/Logo";
import { useTitle } from "../parts/Page";
import { PasswordField } from "../parts/PasswordField";
import { LanguageSwitch, SchemeSwitch } from "../parts/switches";
import { useForm } from "../parts/useForm";
import { useWords } from "../parts/words";
import { homeOf, useLogIn, useSession } from "./session";

export function LogInPage() {
  const session = useSession();
  const [params] = useSearchParams();
  if (session.data) return <Navigate to={safe(params.get("next")) ?? homeOf(session.data)} replace />;
  return <Door asked={params.has("next")} />;
}

/** Only a path of our own: "//elsewhere" and "https:" would lead away. */
const safe = (next: string | null) => (next !== null && /^\/(?![/\\])/.test(next) ? next : null);

function Door({ asked }: { asked: boolean }) {
  const { t } = useTranslation();
  const logIn = useLogIn();
  useTitle(t("login.title"));
  const form = useForm<{ username: string; password: string }, Session>({
    start: { username: "", password: "" },
    save: (given) => logIn({ ...given, username: given.username.trim() }),
    done: () => undefined, // the session is there now: LogInPage sends us on
  });

  return (
    <Box mih="100dvh" component="main">
      <Group justify="flex-end" gap={4} p="xs"><LanguageSwitch /><SchemeSwitch /></Group>
      <Center px="md" pt={{ base: 24, xs: "10vh" }} pb="xl">
        <Stack w="100%" maw={380} gap="lg">
          <Center><Logo size={36} /></Center>
          <Paper withBorder p={{ base: "lg", xs: "xl" }} shadow="xs">
            <form noValidate aria-label={t("login.title")} onSubmit={(event) => { event.preventDefault(); form.submit(); }}>
              <Stack>
                <Title order={1} size="h3">{t("login.title")}</Title>
                {asked && !form.problem && <Text size="sm" c="dimmed">{t("login.asked")}</Text>}
                {form.problem && <Refused error={form.problem} />}
                <TextField {...form.field("username")} label={t("login.username")} hint={hints.session.username}
                           autoComplete="username" inputMode="email" autoFocus />
                <PasswordField {...form.field("password")} label={t("login.password")} hint={hints.session.password} />
                <Button type="submit" fullWidth mt="xs" loading={form.saving}>{t("login.submit")}</Button>
              </Stack>
            </form>
          </Paper>
          <Text size="xs" c="dimmed" ta="center">{t("login.help")}</Text>
        </Stack>
      </Center>
    </Box>
  );
}

function Refused({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const words = useWords();
  const problem = asProblem(error);
  return (
    <Alert role="alert" color="red" icon={<IconAlert />}>
      {problem.status === 401 ? t("login.refused") : words.answer(problem)}
    </Alert>
  );
}
