// Every test watches the page it drives: an error in the console, an uncaught exception or a violation of the
// content security policy fails it, whatever else it looks at.
import { type APIRequestContext, type Page, test as base, expect, request } from "@playwright/test";
import { Api, type Site, makeSite, superAdmin } from "./api";
import { type Say, speaker } from "./words";

export { expect };

/** Chromium logs every refused request; these are answers that the interface asks for and handles. */
const HANDLED = /status of (401|404|409|412|422|503)/;

interface Fixtures {
  http: APIRequestContext;
  api: Api;
  site: Site;
  watched: string[];
}

export const test = base.extend<Fixtures>({
  http: async ({ baseURL }, use) => {
    const context = await request.newContext({ baseURL: baseURL! });
    await use(context);
    await context.dispose();
  },
  api: async ({ http }, use) => use(await new Api(http).logIn(superAdmin)),
  site: async ({ api }, use) => use(await makeSite(api)),
  watched: [async ({ page }, use) => {
    const seen: string[] = [];
    await page.addInitScript(() =>
      document.addEventListener("securitypolicyviolation", (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
    page.on("pageerror", (error) => seen.push(`exception: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      const handled = message.location().url.includes("/api/v1/") && HANDLED.test(message.text());
      if (!handled) seen.push(`console ${message.type()}: ${message.text()}`);
    });
    await use(seen);
    expect(seen, "the browser's console").toEqual([]);
  }, { auto: true }],
});

/** One person at the browser, who reads one language. */
export class Person {
  constructor(readonly page: Page, readonly say: Say) {}

  static async at(page: Page, language: "en" | "ja") {
    return new Person(page, speaker(language));
  }

  field(label: string) {
    return this.page.getByLabel(label, { exact: true });
  }

  box(label: string) {
    return this.page.getByRole("textbox", { name: label, exact: true });
  }

  button(name: string) {
    return this.page.getByRole("button", { name, exact: true });
  }

  link(name: string) {
    return this.page.getByRole("link", { name, exact: true });
  }

  heading(name: string) {
    return this.page.getByRole("heading", { name, exact: true, level: 1 });
  }

  row(name: string) {
    return this.page.getByRole("row").filter({ has: this.link(name) });
  }

  /** Types addresses into a field of tags. */
  async tags(label: string, addresses: string[]) {
    const box = this.box(label);
    for (const address of addresses) {
      await box.fill(address);
      await box.press("Enter");
    }
  }

  async logIn({ username, password }: { username: string; password: string }) {
    const { say } = this;
    await this.page.goto("/");
    await this.field(say("login.username")).fill(username);
    await this.field(say("login.password")).fill(password);
    await this.button(say("login.submit")).click();
    await expect(this.button(say("nav.own"))).toBeVisible();
  }

  async logOut() {
    await this.button(this.say("nav.own")).click();
    await this.page.getByRole("menuitem", { name: this.say("action.logOut") }).click();
    await expect(this.heading(this.say("login.title"))).toBeVisible();
  }

  async told(message: string) {
    await expect(this.page.getByText(message, { exact: true })).toBeVisible();
  }
}
