// Every page in both languages, both colour schemes, at a desk and on a phone: it has a title and a heading, nothing
// is wider than the screen, axe finds nothing serious against WCAG, and the console stays silent (fixture.ts).
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Site, superAdmin } from "./api";
import { Person, expect, test } from "./fixture";
import { LANGUAGES, LOCALES } from "./words";

const SIZES = { desk: { width: 1280, height: 860 }, phone: { width: 360, height: 740 } };
const shots = process.env["POSTREEVE_SHOTS"];

const of = encodeURIComponent;
const adminPages = (site: Site): Record<string, string> => ({
  domains: "/domains",
  "domain-new": "/domains/new",
  mailboxes: `/domains/${site.domain}/mailboxes`,
  "mailbox-new": `/domains/${site.domain}/mailboxes/new`,
  mailbox: `/domains/${site.domain}/mailboxes/${of(site.user.username)}/edit`,
  aliases: `/domains/${site.domain}/aliases`,
  "alias-new": `/domains/${site.domain}/aliases/new`,
  alias: `/domains/${site.domain}/aliases/${of(site.alias)}/edit`,
  "catch-all": `/domains/${site.domain}/aliases/${of(site.catchAll)}/edit`,
  settings: `/domains/${site.domain}/settings`,
  "alias-domains": "/alias-domains",
  "alias-domain-new": "/alias-domains/new",
  admins: "/admins",
  "admin-new": "/admins/new",
  admin: `/admins/${of(site.admin.username)}/edit`,
  log: "/log",
  account: "/account",
  "not-found": "/no/such/page",
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What keeps somebody out: a control without a name, a text too faint, a role that leads nowhere. */
async function complaints(page: Page): Promise<string[]> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => undefined))));
  return page.evaluate(`(async () => { ${axe}
    const { violations } = await axe.run();
    return violations.filter((v) => v.impact === "serious" || v.impact === "critical")
      .map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 200)).join("\\n"));
  })()`);
}

async function settled(page: Page) {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy="true"], .mantine-Skeleton-root, .mantine-Loader-root')).toHaveCount(0);
}

async function inspect(page: Page, name: string, wherefore: string) {
  await settled(page);
  await expect(page, name).toHaveTitle(/ – postreeve$/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(wide, `${name} ${wherefore}: wider than the screen by`).toBeLessThanOrEqual(0);
  expect.soft(await complaints(page), `${name} ${wherefore}: what axe says`).toEqual([]);
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${wherefore}-${name}.png`), fullPage: await page.getByRole("dialog").count() === 0 });
  }
}

for (const language of LANGUAGES)
  for (const colorScheme of ["light", "dark"] as const)
    for (const [size, viewport] of Object.entries(SIZES))
      test.describe(`${language} ${colorScheme} ${size}`, () => {
        test.use({ locale: LOCALES[language], colorScheme, viewport });
        const wherefore = `${language}-${colorScheme}-${size}`;

        test("every page of an administrator", async ({ page, site }) => {
          test.setTimeout(120_000);
          const me = await Person.at(page, language);
          await page.goto("/");
          await inspect(page, "login", wherefore);
          await me.logIn(superAdmin);
          for (const [name, path] of Object.entries(adminPages(site))) {
            await page.goto(path);
            await inspect(page, name, wherefore);
            await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme);
            await expect(page.locator("html")).toHaveAttribute("lang", language);
          }
        });

        test("dialogs, problems and the user's own page", async ({ page, site }) => {
          const me = await Person.at(page, language);
          const { say } = me;
          await me.logIn(site.user);
          await inspect(page, "own-account", wherefore);
          await me.logOut();
          await me.logIn(site.admin);
          await page.goto(`/domains/${site.domain}/mailboxes`);
          await me.button(say("action.deleteNamed", { name: site.user.username })).click();
          await expect(page.getByRole("dialog")).toBeVisible();
          await inspect(page, "confirm", wherefore);
          await me.button(say("action.cancel")).click();
          await page.goto(`/domains/${site.domain}/mailboxes/${of(site.user.username)}/edit`);
          await me.button(say("password.set")).click();
          await me.button(say("password.make")).click();
          await inspect(page, "password", wherefore);
          await page.goto(`/domains/${site.domain}/mailboxes/new`);
          await me.box(say("field.address")).fill("a b");
          await me.button(say("action.create")).click();
          await expect(page.locator('[aria-invalid="true"]').first()).toBeVisible();
          await inspect(page, "invalid", wherefore);
        });
      });
