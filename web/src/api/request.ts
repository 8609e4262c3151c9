// The one fetch. Everything the interface asks of the server goes through request().
import { Problem, problemOf } from "./problem";

const BASE = "/api/v1";

type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
type Query = Record<string, string | number | boolean | null | undefined>;

export interface Answer<T> {
  value: T;
  /** Names this state of the item; goes back as If-Match so that nobody's change is overwritten unseen. */
  etag: string | null;
}

interface Options {
  query?: Query;
  body?: unknown;
  etag?: string | null;
  signal?: AbortSignal;
}

let csrfToken: string | null = null;
let whenLoggedOut: () => void = () => undefined;

/** The session's token, sent with every unsafe method; null when nobody is logged in. */
export function setCsrfToken(token: string | null) {
  csrfToken = token;
}

/** Called when the server no longer knows the session (401). */
export function onLoggedOut(then: () => void) {
  whenLoggedOut = then;
}

export async function request<T = void>(method: Method, path: string, options: Options = {}): Promise<Answer<T>> {
  const answer = await ask(method, path, options);
  if (!answer.ok) {
    const problem = await problemOf(answer);
    if (answer.status === 401 && path !== "/session") whenLoggedOut();
    throw problem;
  }
  const value = (answer.status === 204 ? undefined : await answer.json()) as T;
  return { value, etag: answer.headers.get("ETag") };
}

async function ask(method: Method, path: string, { query, body, etag, signal }: Options) {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined)
    headers.set("Content-Type", method === "PATCH" ? "application/merge-patch+json" : "application/json");
  if (method !== "GET" && csrfToken !== null) headers.set("X-CSRF-Token", csrfToken);
  if (etag) headers.set("If-Match", etag);
  try {
    return await fetch(BASE + path + search(query), {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal: signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "no answer");
  }
}

function search(query: Query = {}) {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== "") given.set(name, String(value));
  const text = given.toString();
  return text === "" ? "" : `?${text}`;
}
