// A page: its trail, its one heading, what can be done on it. Sets the document's title, and takes the focus
// when one arrives, so that a screen reader starts at the heading.
import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigationType } from "react-router-dom";
import { Breakable } from "./Breakable";
import classes from "./Page.module.css";

export interface Crumb {
  title: string;
  to: string;
}

interface Props {
  title: string;
  trail?: Crumb[];
  badge?: ReactNode;
  hint?: ReactNode;
  actions?: ReactNode;
  /** For a single form: lines no longer than one reads. */
  narrow?: boolean;
  children: ReactNode;
}

export function Page({ title, trail = [], badge, hint, actions, narrow = false, children }: Props) {
  const { t } = useTranslation();
  const heading = useFocusOnArrival();
  useTitle(title);

  return (
    <Stack gap="lg" maw={narrow ? 720 : undefined}>
      <div>
        {trail.length > 0 && (
          <nav aria-label={t("nav.trail")}>
            <Breadcrumbs separator="/" mb={6} classNames={{ root: classes.trail }}>
              {trail.map(({ title: name, to }) => <Anchor key={to} component={Link} to={to} size="sm">{name}</Anchor>)}
            </Breadcrumbs>
          </nav>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Group gap="sm" className={classes.headings}>
            <Title order={1} size="h2" ref={heading} tabIndex={-1} className={classes.heading}><Breakable name={title} /></Title>
            {badge}
          </Group>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {hint && <Text c="dimmed" size="sm" mt={4}>{hint}</Text>}
      </div>
      {children}
    </Stack>
  );
}

export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} – postreeve`;
  }, [title]);
}

/** Focus goes to the heading after a navigation to another page, but not on the first load or a change of the search. */
function useFocusOnArrival() {
  const heading = useRef<HTMLHeadingElement>(null);
  const how = useNavigationType();
  const { key } = useLocation();
  useEffect(() => {
    if (key !== "default" && how !== "REPLACE") heading.current?.focus({ preventScroll: true });
    // Only when this page appears.
  }, []);
  return heading;
}
