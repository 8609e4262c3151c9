// What a page does when the world changes under it, and how one gets around.
import { superAdmin } from "./api";
import { Person, expect, test } from "./fixture";
import { LOCALES } from "./words";

const of = encodeURIComponent;
test.use({ locale: LOCALES.en });

test("somebody else's change is not overwritten", async ({ page, api, site }) => {
  const me = await Person.at(page, "en");
  const { say } = me;
  const path = `/domains/${site.domain}/mailboxes/${of(site.user.username)}/edit`;
  await me.logIn(site.admin);
  await page.goto(path);
  const name = me.box(say("mailbox.displayName"));
  await expect(name).toHaveValue("山田 太郎");
  await api.send("PATCH", `/mailboxes/${of(site.user.username)}`, { display_name: "changed elsewhere" });
  await name.fill("changed here");
  await me.button(say("action.save")).click();
  await expect(page.getByRole("alert")).toContainText(say("answer.stale"));
  await me.button(say("action.reload")).click();
  await expect(name).toHaveValue("changed elsewhere");
  await name.fill("changed here");
  await me.button(say("action.save")).click();
  await me.told(say("done.saved", { name: site.user.username }));
});

test("an ended session leads to the door and back to the same page", async ({ page, site }) => {
  const me = await Person.at(page, "en");
  const { say } = me;
  const path = `/domains/${site.domain}/aliases`;
  await me.logIn(site.admin);
  await page.goto(path);
  await expect(me.link(site.alias)).toBeVisible();
  await page.context().clearCookies();
  await me.link(site.alias).click();
  await expect(me.heading(say("login.title"))).toBeVisible();
  await me.field(say("login.username")).fill(site.admin.username);
  await me.field(say("login.password")).fill(site.admin.password);
  await me.button(say("login.submit")).click();
  await expect(me.heading(site.alias)).toBeVisible();
});

test("a page that only administrators have stays shut for a user", async ({ page, site }) => {
  const me = await Person.at(page, "en");
  await me.logIn(site.user);
  await page.goto(`/domains/${site.domain}/mailboxes`);
  await expect(me.heading(me.say("state.notFound"))).toBeVisible();
});

test("\"cannot tell now\" is asked again until it can", async ({ page, site }) => {
  const me = await Person.at(page, "en");
  await me.logIn(site.admin);
  let refusals = 2;
  await page.route("**/api/v1/domains?*", (route) =>
    refusals-- > 0
      ? route.fulfill({ status: 503, headers: { "Retry-After": "1" }, contentType: "application/problem+json", body: "{\"status\":503}" })
      : route.continue());
  await page.goto("/domains");
  await expect(page.getByRole("status").filter({ hasText: me.say("answer.busy") })).toBeVisible();
  await expect(me.link(site.domain)).toBeVisible();
});

test("the back button and links straight to a page lead where they say", async ({ page, site }) => {
  const me = await Person.at(page, "en");
  const { say } = me;
  await me.logIn(superAdmin);
  await page.getByRole("searchbox", { name: say("domain.search") }).fill(site.domain);
  await expect(page).toHaveURL(/search=/);
  await expect(page.getByRole("row")).toHaveCount(2);
  await me.link(site.domain).click();
  await page.getByRole("tab", { name: say("alias.many") }).click();
  await me.link(site.alias).click();
  await expect(me.heading(site.alias)).toBeFocused();
  await page.goBack();
  await expect(page.getByRole("tab", { name: say("alias.many") })).toHaveAttribute("aria-selected", "true");
  await page.goBack();
  await page.goBack();
  await expect(page.getByRole("searchbox", { name: say("domain.search") })).toHaveValue(site.domain);
  await expect(page.getByRole("row")).toHaveCount(2);
});

test("a list is sorted by its headings and turned by its pages", async ({ page, api, site }) => {
  test.setTimeout(120_000);
  const me = await Person.at(page, "en");
  const { say } = me;
  for (let i = 0; i < 8; i++)
    await api.send("POST", `/domains/${site.domain}/aliases`, { local_part: `list${i}`, destinations: [site.user.username] });
  await me.logIn(site.admin);
  await page.route("**/aliases?*", (route) => route.continue({ url: route.request().url().replace("limit=50", "limit=4") }));
  await page.goto(`/domains/${site.domain}/aliases`);
  const rows = page.getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows).toHaveCount(4);
  await expect(me.button(say("table.previous"))).toBeDisabled();
  await me.button(say("table.next")).click();
  await me.button(say("table.next")).click();
  await expect(rows).toHaveCount(2);
  await expect(me.button(say("table.next"))).toBeDisabled();
  await me.button(say("table.previous")).click();
  await expect(rows).toHaveCount(4);
  await me.button(say("table.first")).click();
  const heading = page.getByRole("columnheader", { name: say("field.address") });
  await expect(heading).toHaveAttribute("aria-sort", "ascending");
  await heading.getByRole("button").click();
  await expect(heading).toHaveAttribute("aria-sort", "descending");
  await expect(rows.first()).toContainText("list7@");
});

test("language and appearance are chosen in the page and kept", async ({ page }) => {
  const en = await Person.at(page, "en");
  const ja = await Person.at(page, "ja");
  await page.goto("/login");
  await expect(en.heading(en.say("login.title"))).toBeVisible();
  await en.button(en.say("switch.language")).click();
  await page.getByRole("menuitem", { name: "日本語" }).click();
  await expect(ja.heading(ja.say("login.title"))).toBeVisible();
  await ja.button(ja.say("switch.scheme")).click();
  await page.getByRole("menuitem", { name: ja.say("switch.dark") }).click();
  await page.reload();
  await expect(ja.heading(ja.say("login.title"))).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("the keyboard alone is enough to log in and to delete", async ({ page, site }) => {
  const me = await Person.at(page, "en");
  const { say } = me;
  await page.goto("/login");
  await expect(me.field(say("login.username"))).toBeFocused();
  await page.keyboard.type(site.admin.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(site.admin.password);
  await page.keyboard.press("Enter");
  await expect(me.link(site.domain)).toBeVisible();
  await page.goto(`/domains/${site.domain}/aliases`);
  const erase = me.button(say("action.deleteNamed", { name: site.alias }));
  await erase.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: say("action.cancel"), exact: true })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(erase).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("button", { name: say("action.cancel"), exact: true })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(dialog.getByRole("button", { name: say("action.delete"), exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await me.told(say("done.deleted", { name: site.alias }));
});
