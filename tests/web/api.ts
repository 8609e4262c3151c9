// The server's API, for what a test needs to be there before it begins.
import { readFileSync } from "node:fs";
import type { APIRequestContext } from "@playwright/test";

const given = (name: string) => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
};

export const superAdmin = {
  username: given("POSTREEVE_ADMIN"),
  password: readFileSync(given("POSTREEVE_ADMIN_PASSWORD_FILE"), "utf8").trim(),
};

let counter = 0;
/** Unlike any name of an earlier run on the same server. */
export const unique = (prefix: string) => `${prefix}${Date.now().toString(36)}${process.pid.toString(36)}${(counter++).toString(36)}`;

export const goodPassword = () => unique("Correct-Horse-");

export class Api {
  private token = "";
  constructor(private readonly http: APIRequestContext) {}

  async logIn(as: { username: string; password: string }) {
    const answer = await this.http.post("/api/v1/session", { data: as });
    if (answer.status() !== 201) throw new Error(`log-in of ${as.username}: ${answer.status()} ${await answer.text()}`);
    this.token = ((await answer.json()) as { csrf_token: string }).csrf_token;
    return this;
  }

  async send(method: "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: unknown) {
    const answer = await this.http.fetch(`/api/v1${path}`, {
      method,
      data: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        "X-CSRF-Token": this.token,
        ...(body === undefined ? {} : { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" }),
      },
    });
    if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
    return answer;
  }

  async canLogIn(as: { username: string; password: string }) {
    return (await this.http.post("/api/v1/session", { data: as })).status() === 201;
  }
}

/** A domain with an administrator, some mailboxes and an alias. */
export interface Site {
  domain: string;
  admin: { username: string; password: string };
  user: { username: string; password: string };
  alias: string;
  catchAll: string;
}

export async function makeSite(api: Api): Promise<Site> {
  const domain = `${unique("t")}.example`;
  const admin = { username: `admin@${domain}`, password: goodPassword() };
  const user = { username: `taro@${domain}`, password: goodPassword() };
  const alias = `info@${domain}`;
  await api.send("POST", "/domains", {
    domain, description: "株式会社サンプルのメール", mailbox_limit: 20, alias_limit: 10,
    mailbox_quota_max_bytes: 5 * 2 ** 30, quota_bytes: 50 * 2 ** 30,
  });
  await api.send("POST", "/admins", { ...admin, super_admin: false, domains: [domain] });
  const mailboxes = `/domains/${domain}/mailboxes`;
  await api.send("POST", mailboxes, { local_part: "taro", display_name: "山田 太郎", password: user.password, quota_bytes: 2 ** 30 });
  await api.send("POST", mailboxes, {
    local_part: "hanako.with.a.rather.long.local.part", display_name: "佐藤 花子", password: goodPassword(), quota_bytes: 51200000,
    forward: { destinations: ["hanako@elsewhere.example", "h..s@carrier.example"], keep_copy: true }, active: false,
  });
  await api.send("POST", `/domains/${domain}/aliases`, {
    local_part: "info", destinations: [user.username, "a@elsewhere.example", "b@elsewhere.example", "c@elsewhere.example"], description: "お問い合わせ",
  });
  await api.send("POST", `/domains/${domain}/aliases`, { local_part: "", destinations: [user.username] });
  return { domain, admin, user, alias, catchAll: `@${domain}` };
}
