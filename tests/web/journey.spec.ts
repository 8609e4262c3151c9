// A domain from nothing to a user who looks after himself, by the three people who have a part in it.
import { goodPassword, superAdmin, unique } from "./api";
import { Person, expect, test } from "./fixture";
import { LANGUAGES, LOCALES } from "./words";

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ locale: LOCALES[language] });

    test("super admin, domain admin and user, one after the other", async ({ page, http }) => {
      const me = await Person.at(page, language);
      const { say } = me;
      const domain = `${unique("j")}.example`;
      const admin = { username: `admin@${domain}`, password: goodPassword() };
      const user = { username: `jiro@${domain}`, password: goodPassword() };
      const newPassword = goodPassword();
      test.setTimeout(120_000);

      await test.step("the super admin creates a domain", async () => {
        await me.logIn(superAdmin);
        await expect(page.locator("html")).toHaveAttribute("lang", language);
        await me.link(say("domain.add")).first().click();
        await me.button(say("action.create")).click();
        await expect(me.box(say("domain.one"))).toHaveAttribute("aria-invalid", "true");
        await me.box(say("domain.one")).fill(domain);
        await me.box(say("field.description")).fill("Journey 旅");
        await page.getByRole("checkbox", { name: `${say("domain.mailboxLimit")}: ${say("field.noLimit")}` }).uncheck();
        await me.box(say("domain.mailboxLimit")).fill("5");
        await me.button(say("action.create")).click();
        await me.told(say("done.created", { name: domain }));
        await expect(me.heading(domain)).toBeVisible();
        await expect(page).toHaveTitle(new RegExp(domain.replaceAll(".", "\\.")));
      });

      await test.step("and an administrator for it", async () => {
        await me.link(say("admin.many")).click();
        await me.link(say("admin.add")).first().click();
        await me.box(say("admin.username")).fill(admin.username);
        await page.getByLabel(say("password.one")).and(page.locator("input")).fill(admin.password);
        const domains = me.box(say("admin.domains"));
        await domains.fill(domain);
        await page.getByRole("option", { name: domain }).click();
        await me.button(say("action.create")).click();
        await me.told(say("done.created", { name: admin.username }));
        await expect(me.row(admin.username)).toContainText(domain);
        await me.logOut();
      });

      await test.step("the domain admin sees that domain alone, and no administrators", async () => {
        await me.logIn(admin);
        await expect(me.link(domain)).toBeVisible();
        await expect(me.link(say("admin.many"))).toHaveCount(0);
        await expect(me.link(say("domain.add"))).toHaveCount(0);
        await me.link(domain).click();
        await expect(page.getByRole("tab", { name: say("domain.settings") })).toHaveCount(0);
      });

      await test.step("a mailbox: first what is wrong, then right", async () => {
        await me.link(say("mailbox.add")).first().click();
        const local = me.box(say("field.address"));
        await local.fill("two words");
        await me.button(say("action.create")).click();
        await expect(local).toHaveAttribute("aria-invalid", "true");
        await expect(local).toBeFocused();
        await local.fill("jiro");
        await expect(local).not.toHaveAttribute("aria-invalid", "true");
        await me.box(say("mailbox.displayName")).fill("鈴木 次郎");
        await page.getByLabel(say("password.one")).and(page.locator("input")).fill(user.password);
        await me.button(say("action.create")).click();
        await me.told(say("done.created", { name: user.username }));
        await expect(me.row(user.username)).toContainText("鈴木 次郎");
      });

      await test.step("the same address again is taken", async () => {
        await me.link(say("mailbox.add")).first().click();
        await me.box(say("field.address")).fill("jiro");
        await me.button(say("password.make")).click();
        await me.button(say("action.create")).click();
        await expect(page.getByText(say("problem.taken"))).toBeVisible();
        await me.button(say("action.cancel")).click();
      });

      await test.step("the mailbox is edited", async () => {
        await me.link(user.username).click();
        await expect(me.heading(user.username)).toBeVisible();
        const name = me.box(say("mailbox.displayName"));
        await name.fill("鈴木 二郎");
        await me.button(say("action.save")).click();
        await me.told(say("done.saved", { name: user.username }));
        await page.reload();
        await expect(name).toHaveValue("鈴木 二郎");
      });

      await test.step("an alias: a destination is needed, then two are given", async () => {
        await me.link(domain).click();
        await page.getByRole("tab", { name: say("alias.many") }).click();
        await me.link(say("alias.add")).first().click();
        await me.box(say("field.address")).fill("sales");
        await me.button(say("action.create")).click();
        await expect(me.box(say("alias.destinations"))).toHaveAttribute("aria-invalid", "true");
        await me.tags(say("alias.destinations"), [user.username, "someone@elsewhere.example"]);
        await me.button(say("action.create")).click();
        await me.told(say("done.created", { name: `sales@${domain}` }));
        await expect(me.row(`sales@${domain}`)).toContainText("someone@elsewhere.example");
      });

      await test.step("the catch-all is an alias without a local part", async () => {
        await me.link(say("alias.add")).first().click();
        await me.tags(say("alias.destinations"), [user.username]);
        await me.button(say("action.create")).click();
        await expect(me.row(`@${domain}`)).toContainText(say("alias.catchAll"));
      });

      await test.step("the alias is deleted, after a question", async () => {
        const erase = me.button(say("action.deleteNamed", { name: `sales@${domain}` }));
        await erase.click();
        const dialog = page.getByRole("dialog", { name: say("confirm.delete", { name: `sales@${domain}` }) });
        await expect(dialog).toBeVisible();
        await dialog.getByRole("button", { name: say("action.cancel"), exact: true }).click();
        await expect(dialog).toHaveCount(0);
        await erase.click();
        await dialog.getByRole("button", { name: say("action.delete"), exact: true }).click();
        await me.told(say("done.deleted", { name: `sales@${domain}` }));
        await expect(me.row(`sales@${domain}`)).toHaveCount(0);
        await me.logOut();
      });

      await test.step("the user lands on the own account and changes the password", async () => {
        await me.logIn(user);
        await expect(me.heading(say("account.title"))).toBeVisible();
        await expect(me.link(say("domain.many"))).toHaveCount(0);
        const current = page.getByLabel(say("password.current")).and(page.locator("input"));
        const next = page.getByLabel(say("password.new")).and(page.locator("input"));
        await current.fill("not-the-password");
        await next.fill(newPassword);
        await me.button(say("password.change")).click();
        await expect(page.getByText(say("problem.wrong_password"))).toBeVisible();
        await current.fill(user.password);
        await me.button(say("password.change")).click();
        await me.told(say("account.passwordChanged"));
        await expect(current).toHaveValue("");
      });

      await test.step("forwards to two addresses and keeps a copy", async () => {
        await me.tags(say("forward.destinations"), ["one@elsewhere.example", "two@elsewhere.example"]);
        await expect(page.getByRole("switch", { name: say("forward.keepCopy") })).toBeChecked();
        await me.button(say("action.save")).click();
        await me.told(say("account.forwardSaved"));
        await page.reload();
        for (const to of ["one@elsewhere.example", "two@elsewhere.example"]) await expect(page.getByText(to, { exact: true })).toBeVisible();
        await expect(page.getByRole("switch", { name: say("forward.keepCopy") })).toBeChecked();
        await me.logOut();
      });

      await test.step("the old password no longer works, the new one does", async () => {
        await me.field(say("login.username")).fill(user.username);
        await me.field(say("login.password")).fill(user.password);
        await me.button(say("login.submit")).click();
        await expect(page.getByRole("alert")).toContainText(say("login.refused"));
        await me.field(say("login.password")).fill(newPassword);
        await me.button(say("login.submit")).click();
        await expect(me.heading(say("account.title"))).toBeVisible();
        const answer = await http.post("/api/v1/session", { data: { ...user, password: newPassword } });
        expect(answer.status()).toBe(201);
      });
    });
  });
}
