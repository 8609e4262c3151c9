// What else a super admin does: alias domains, administrators, a domain's limits and its end; and what the log says.
import { goodPassword, superAdmin, unique } from "./api";
import { Person, expect, test } from "./fixture";
import { LANGUAGES, LOCALES } from "./words";

const GIB = 2 ** 30;

for (const language of LANGUAGES)
  test.describe(language, () => {
    test.use({ locale: LOCALES[language] });

    test("an alias domain is made, switched off and deleted", async ({ page, site }) => {
      const me = await Person.at(page, language);
      const { say } = me;
      const name = `${unique("a")}.example`;
      await me.logIn(superAdmin);
      await page.goto("/alias-domains/new");
      await me.box(say("aliasDomain.one")).fill(name);
      await me.button(say("action.create")).click();
      await expect(me.box(say("aliasDomain.target"))).toHaveAttribute("aria-invalid", "true");
      await me.box(say("aliasDomain.target")).fill(site.domain);
      await page.getByRole("option", { name: site.domain }).click();
      await me.button(say("action.create")).click();
      await me.told(say("done.created", { name }));
      await page.getByRole("searchbox", { name: say("aliasDomain.search") }).fill(name);
      await expect(me.row(name)).toContainText(site.domain);
      await me.link(name).click();
      await page.getByRole("switch", { name: say("field.active") }).uncheck();
      await me.button(say("action.save")).click();
      await me.told(say("done.saved", { name }));
      await expect(page.getByText(say("state.inactive"), { exact: true })).toBeVisible();
      await me.button(say("aliasDomain.erase")).click();
      await page.getByRole("dialog").getByRole("button", { name: say("action.delete"), exact: true }).click();
      await me.told(say("done.deleted", { name }));
      await expect(page).toHaveURL(/\/alias-domains$/);
    });

    test("a domain's limits bind its administrator; deleting it needs its name", async ({ page, site }) => {
      const me = await Person.at(page, language);
      const { say } = me;
      const boxes = page.getByRole("checkbox", { name: `${say("domain.aliasLimit")}: ${say("field.noLimit")}` });
      await me.logIn(superAdmin);
      await page.goto(`/domains/${site.domain}/settings`);
      await me.box(say("domain.mailboxLimit")).fill("2");
      await me.box(say("domain.mailboxQuotaMax")).fill("2.5");
      await boxes.check();
      await me.button(say("action.save")).click();
      await me.told(say("done.saved", { name: site.domain }));
      await page.reload();
      await expect(boxes).toBeChecked();
      await expect(me.box(say("domain.mailboxQuotaMax"))).toHaveValue("2.5");

      await page.goto(`/domains/${site.domain}/mailboxes/new`);
      await me.box(say("field.address")).fill("third");
      await me.button(say("password.make")).click();
      await me.box(say("mailbox.quota")).fill("3");
      await me.button(say("action.create")).click();
      await expect(page.getByRole("form").getByText(say("problem.mailbox_limit_reached", { max: 2 }))).toBeVisible();

      await page.goto(`/domains/${site.domain}/settings`);
      await me.button(say("domain.erase")).click();
      const dialog = page.getByRole("dialog");
      const yes = dialog.getByRole("button", { name: say("action.delete"), exact: true });
      await expect(yes).toBeDisabled();
      await dialog.getByRole("textbox").fill(site.domain);
      await yes.click();
      await me.told(say("done.deleted", { name: site.domain }));
      await expect(page).toHaveURL(/\/domains$/);
    });

    test("sizes are said in the reader's units", async ({ page, api, site }) => {
      const me = await Person.at(page, language);
      const { say } = me;
      await api.send("PATCH", `/domains/${site.domain}`, { mailbox_quota_max_bytes: 2 * GIB });
      await me.logIn(site.admin);
      await page.goto(`/domains/${site.domain}/mailboxes/${encodeURIComponent(site.user.username)}/edit`);
      await me.box(say("mailbox.quota")).fill("3");
      await me.button(say("action.save")).click();
      await expect(page.getByText(say("problem.quota_above_ceiling", { max: "2 GiB" }))).toBeVisible();
      await me.box(say("mailbox.quota")).fill("1536");
      await page.getByLabel(say("field.unitOf", { field: say("mailbox.quota") })).selectOption("MiB");
      await me.button(say("action.save")).click();
      await me.told(say("done.saved", { name: site.user.username }));
      await expect(page.getByText(say("usage.of", { used: "0 B", of: "1.5 GiB" })).first()).toBeVisible();
      await expect(page.getByRole("region", { name: say("mailbox.aliases") }).getByRole("link", { name: site.alias })).toBeVisible();
    });

    test("an administrator gets a new password and other domains", async ({ page, api, http, site }) => {
      const me = await Person.at(page, language);
      const { say } = me;
      const password = goodPassword();
      await me.logIn(superAdmin);
      await page.goto(`/admins/${encodeURIComponent(site.admin.username)}/edit`);
      await me.button(say("password.set")).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel(say("password.new")).and(page.locator("input")).fill(password);
      await dialog.getByRole("button", { name: say("password.set"), exact: true }).click();
      await me.told(say("done.passwordSet", { name: site.admin.username }));
      await page.getByRole("switch", { name: say("field.active") }).uncheck();
      await me.button(say("action.save")).click();
      await me.told(say("done.saved", { name: site.admin.username }));
      expect(await api.canLogIn({ ...site.admin, password })).toBe(false);
      await page.getByRole("switch", { name: say("field.active") }).check();
      await me.button(say("action.save")).click();
      await expect(page.getByText(say("state.inactive"), { exact: true })).toHaveCount(0);
      expect((await http.post("/api/v1/session", { data: { ...site.admin, password } })).status()).toBe(201);
    });

    test("the log says who did what, and what changed", async ({ page, api, site }) => {
      const me = await Person.at(page, language);
      const { say } = me;
      await api.send("PATCH", `/mailboxes/${encodeURIComponent(site.user.username)}`, { display_name: "Another Name" });
      await me.logIn(site.admin);
      await page.goto("/log");
      await page.getByRole("searchbox", { name: say("log.search") }).fill(site.user.username);
      const row = page.getByRole("row").filter({ hasText: superAdmin.username }).first();
      await row.getByRole("button").click();
      await expect(page.getByRole("dialog").getByRole("row").filter({ hasText: "Another Name" })).toContainText("display_name");
      await me.button(say("action.close")).click();
      await expect(page.getByRole("dialog")).toHaveCount(0);
    });
  });
