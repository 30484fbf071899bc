// Who the visitor is to the server: one bearer token per inbox, begun late, renewed once, ended on log-out.
import { Api, Problem, type Method } from "./api";
import type { Lock } from "./courier";
import type { Store } from "./storage";
import type { Inbox, SessionAnswer } from "./types";

export interface Visitor {
  token: string;
  customer_id: string | null;
  identified: boolean;
  inbox: Inbox | null;
}

interface Options {
  api: Api;
  store: Store;
  inbox: string;
  lock: Lock;
  context: () => { locale: string; page_url: string };
  /** False until the visitor has opened the chat: looking at a page makes nothing on the server. */
  mayBegin: () => boolean;
  /** The new session belongs to someone else than the one before it. */
  onReplaced: () => void;
  /** Logged out, by wish or because the server no longer knows a proven customer's session. */
  onEnded: () => void;
}

const SESSION = "session";
const LOGGED_OUT = "logged-out";
const REVOKE = "revoke";
/** A second 401 within this time is the server's last word. */
const RENEW_AT_MOST_EVERY_MS = 60_000;

export class Session {
  private starting: Promise<Visitor> | null = null;
  private renewedAt = -Infinity;

  constructor(private readonly options: Options) {}

  get visitor(): Visitor | null {
    try {
      const visitor = JSON.parse(this.options.store.get(SESSION) ?? "null") as Partial<Visitor> | null;
      return visitor?.token ? (visitor as Visitor) : null;
    } catch {
      return null;
    }
  }

  get loggedOut(): boolean {
    return this.options.store.get(LOGGED_OUT) !== null;
  }

  /** A request in the visitor's name; begins a session if there is none, renews a refused one once. */
  async call(method: Method, path: string, body?: unknown): Promise<unknown> {
    const { api } = this.options;
    const visitor = await this.ensure();
    try {
      return await api.call(method, path, body, visitor.token);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      const fresh = await this.renew(visitor);
      return api.call(method, path, body, fresh.token);
    }
  }

  async ensure(): Promise<Visitor> {
    if (this.loggedOut) throw new Problem(401, "logged-out", "");
    const visitor = this.visitor;
    if (visitor) return visitor;
    if (!this.options.mayBegin()) throw new Problem(401, "not-opened", "");
    return this.begin(null);
  }

  /** Exchanges the host's signed token for a session of that customer. Throws; never falls back to anonymous. */
  async identify(identityToken: string): Promise<void> {
    const { store } = this.options;
    const before = this.visitor;
    const answer = await this.post({ identity_token: identityToken }, before?.token ?? null);
    store.remove(LOGGED_OUT);
    const other = before?.identified === true && before.customer_id !== answer.customer_id;
    this.keep(answer, true);
    if (other) this.options.onReplaced();
  }

  /** Forgets everything here at once; the server is told now, or as soon as it can be reached. */
  async logOut(): Promise<void> {
    const { store } = this.options;
    const visitor = this.visitor;
    if (!visitor) return;
    store.set(REVOKE, visitor.token);
    this.end();
    await this.revoke();
  }

  async revoke(): Promise<void> {
    const token = this.options.store.get(REVOKE);
    if (!token) return;
    try {
      await this.options.api.call("DELETE", "/api/visitor/sessions", undefined, token);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) return;
    }
    this.options.store.remove(REVOKE);
  }

  startAfresh(): void {
    this.options.store.remove(LOGGED_OUT);
  }

  private async renew(refused: Visitor): Promise<Visitor> {
    const now = Date.now();
    const current = this.visitor;
    if (current && current.token !== refused.token) return current;
    if (refused.identified || this.loggedOut) {
      // A proven customer never becomes an anonymous one behind their back.
      this.end();
      throw new Problem(401, "logged-out", "");
    }
    if (!this.options.mayBegin() || now - this.renewedAt < RENEW_AT_MOST_EVERY_MS) {
      throw new Problem(401, "refused", "");
    }
    this.renewedAt = now;
    return this.begin(refused.token);
  }

  /** The mark goes first: another tab that sees no session and no mark would begin a new one. */
  private end(): void {
    this.options.store.set(LOGGED_OUT, "1");
    this.options.store.remove(SESSION);
    this.options.onEnded();
  }

  /** Begins an anonymous session unless another tab has just done so. */
  private begin(refusedToken: string | null): Promise<Visitor> {
    this.starting ??= this.beginLocked(refusedToken).finally(() => (this.starting = null));
    return this.starting;
  }

  private async beginLocked(refusedToken: string | null): Promise<Visitor> {
    await this.options.lock(async () => {
      const theirs = this.visitor;
      if (theirs && theirs.token !== refusedToken) return;
      const begun = await this.post({}, null);
      if (this.loggedOut) {
        // Logged out while the answer was on its way: it is not to be used.
        this.options.store.set(REVOKE, begun.token);
        await this.revoke();
        throw new Problem(401, "logged-out", "");
      }
      this.keep(begun, false);
      if (refusedToken !== null) this.options.onReplaced();
    });
    const visitor = this.visitor;
    if (!visitor) throw new Problem(401, "refused", "");
    return visitor;
  }

  private async post(extra: object, token: string | null): Promise<SessionAnswer> {
    const { api, inbox, context } = this.options;
    return (await api.call("POST", "/api/visitor/sessions", { inbox, ...context(), ...extra }, token)) as SessionAnswer;
  }

  private keep(answer: SessionAnswer, identified: boolean): Visitor {
    const visitor: Visitor = {
      token: answer.token,
      customer_id: answer.customer_id,
      identified,
      inbox: answer.inbox ?? null,
    };
    this.options.store.set(SESSION, JSON.stringify(visitor));
    return visitor;
  }
}
