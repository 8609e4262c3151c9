// What the server says when it does not do as asked: RFC 9457 problem+json, typed.
import type { Code } from "./types";

export interface FieldProblem {
  field: string;
  code: Code | (string & {});
  detail: string;
  [figure: string]: unknown;
}

/** Status 0 means that no answer came at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly errors: FieldProblem[] = [],
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
    this.name = "Problem";
  }

  /** The server could not tell now, or was not there: worth asking again. */
  get passing() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** Somebody else changed the item since it was read. */
  get stale() {
    return this.status === 412;
  }
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(-1, error instanceof Error ? error.message : String(error));
}

export async function problemOf(answer: Response): Promise<Problem> {
  const body: unknown = await answer.json().catch(() => null);
  const said = (typeof body === "object" && body !== null ? body : {}) as { detail?: unknown; errors?: unknown };
  const detail = typeof said.detail === "string" ? said.detail : "";
  const errors = Array.isArray(said.errors) ? (said.errors as FieldProblem[]) : [];
  return new Problem(answer.status, detail, errors, retryAfter(answer.headers.get("Retry-After")));
}

/** Retry-After is seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
