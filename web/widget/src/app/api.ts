// Speaks HTTP with the desk: JSON in, JSON out, problems and unreachable servers as two kinds of error.

/** The server answered, and said no (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    readonly detail: string,
    readonly fields: Record<string, unknown> = {},
    readonly retryAfterMs: number | null = null,
  ) {
    super(`${status} ${type}`);
  }
}

/** The server did not answer, or not in time. */
export class Unreachable extends Error {}

export type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

const ANSWER_WITHIN_MS = 20_000;
const UPLOAD_WITHIN_MS = 120_000;

export class Api {
  constructor(
    private readonly base: string,
    private readonly fetch: Fetch,
    private readonly reached: (reachable: boolean) => void = () => undefined,
  ) {}

  /** One request. Throws `Problem` or `Unreachable`; answers the decoded body, or null where there is none. */
  async call(method: Method, path: string, body?: unknown, token?: string | null): Promise<unknown> {
    const response = await this.request(method, path, body, token);
    const content = parse(await this.textOf(response));
    if (response.ok) return content;
    throw toProblem(response, content);
  }

  async blob(path: string, token: string): Promise<Blob> {
    const response = await this.request("GET", path, undefined, token);
    if (!response.ok) throw toProblem(response, parse(await this.textOf(response)));
    return response.blob();
  }

  /** An answer that breaks off in the middle is no answer. */
  private async textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }

  private async request(method: Method, path: string, body: unknown, token?: string | null): Promise<Response> {
    const isForm = body instanceof FormData;
    const headers: Record<string, string> = { Accept: "application/json" };
    if (token) headers["Authorization"] = `Bearer ${token}`;
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
    const init: RequestInit = {
      method,
      headers,
      cache: "no-store",
      credentials: "omit",
      signal: deadline(isForm ? UPLOAD_WITHIN_MS : ANSWER_WITHIN_MS),
    };
    if (body !== undefined) init.body = isForm ? body : JSON.stringify(body);
    try {
      const response = await this.fetch(this.base + path, init);
      this.reached(true);
      return response;
    } catch (error) {
      this.reached(false);
      throw new Unreachable(String(error));
    }
  }
}

/** `AbortSignal.timeout` is younger than the browsers we serve. */
function deadline(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

function parse(text: string): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : null;
  } catch {
    return null;
  }
}

function toProblem(response: Response, content: unknown): Problem {
  const fields = typeof content === "object" && content !== null ? (content as Record<string, unknown>) : {};
  const type = typeof fields["type"] === "string" ? fields["type"] : "about:blank";
  const detail = typeof fields["detail"] === "string" ? fields["detail"] : "";
  return new Problem(response.status, type, detail, fields, retryAfter(response.headers.get("Retry-After")));
}

/** `Retry-After` is seconds or an HTTP date. */
export function retryAfter(header: string | null, now: number = Date.now()): number | null {
  if (!header) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
