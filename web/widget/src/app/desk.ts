// The customer's side of one inbox: begins and ends the session, sends the outbox, wakes everything up.
import { Api, Problem, type Fetch } from "./api";
import { Nap, delayMs } from "./backoff";
import { Chat, LIST } from "./chat";
import { Courier, tabLock } from "./courier";
import { CURRENT, Delivery, MAKING } from "./delivery";
import { patchOf } from "./frames";
import { Outbox, type Draft } from "./outbox";
import { Reading } from "./reading";
import { Session } from "./session";
import type { Wire } from "./socket";
import type { Store } from "./storage";
import type { Attachment, Availability, Conversation, Page } from "./types";
import { BOT_THINKS_FOR_MS } from "./typing";
import { Uploads } from "./uploads";

export interface DeskOptions {
  inbox: string;
  /** The installation's own origin, "" in the browser. */
  base: string;
  store: Store;
  fetch: Fetch;
  connect: (path: string) => Wire;
  locks: LockManager | undefined;
  newId: () => string;
  context: () => { locale: string; page_url: string };
  isOnline: () => boolean;
}

export type Phase = "idle" | "starting" | "ready" | "logged-out";
export type Connection = "good" | "offline" | "unreachable" | "reconnecting" | "slow";

export class Desk {
  phase: Phase = "idle";
  signInFailed = false;
  opened = false;
  availability: Availability | null = null;
  readonly api: Api;
  readonly session: Session;
  readonly chat: Chat;
  readonly outbox: Outbox;
  readonly reading: Reading;
  readonly uploads: Uploads;
  private readonly courier: Courier;
  private readonly listeners = new Set<() => void>();
  private readonly nap = new Nap();
  private reachable = true;
  private starting: Promise<void> | null = null;

  constructor(readonly options: DeskOptions) {
    const { store, inbox, newId, context, locks } = options;
    const changed = () => this.changed();
    this.api = new Api(options.base, options.fetch, (reachable) => this.reached(reachable));
    this.session = new Session({
      ...{ api: this.api, store, inbox, context, lock: tabLock(`deskhand:${inbox}:session`, locks) },
      mayBegin: () => this.opened,
      onReplaced: () => this.forget(),
      onEnded: () => this.end(),
    });
    this.chat = new Chat({ session: this.session, connect: options.connect, changed, remember: (id) => this.remember(id) });
    this.reading = new Reading(this.chat, this.session);
    this.outbox = new Outbox(store, { now: Date.now, newId });
    const delivery = new Delivery({
      ...{ session: this.session, store, newId, context },
      movedTo: (conversation) => this.chat.moveTo(conversation),
      lost: (id) => {
        store.remove(CURRENT);
        this.chat.lose(id);
      },
      written: (message) => this.chat.ledger.receive(message),
      handedOff: (conversation) => {
        this.chat.patch(conversation.id, patchOf({ ...conversation }));
      },
    });
    const lock = tabLock(`deskhand:${inbox}:outbox`, locks);
    this.courier = new Courier({ outbox: this.outbox, deliver: (p) => delivery.deliver(p), changed, lock });
    this.uploads = new Uploads({
      ...{ newId, changed },
      post: (form) => this.session.call("POST", "/api/visitor/files", form),
      done: (file) => this.sendFile(file),
    });
  }

  subscribe(listener: () => void): void {
    this.listeners.add(listener);
  }

  changed(): void {
    for (const listener of this.listeners) listener();
  }

  get connection(): Connection {
    const { live } = this.chat;
    if (!this.options.isOnline()) return "offline";
    if (!this.reachable) return "unreachable";
    if (live.polling) return "slow";
    return live.state === "waiting" ? "reconnecting" : "good";
  }

  /** Resumes what this browser knows; a visitor who has opened the chat also gets a session. */
  start(): Promise<void> {
    this.starting ??= this.resume().finally(() => (this.starting = null));
    return this.starting;
  }

  /** The visitor looks at the chat. The first time, this is what makes them known to the server. */
  open(): void {
    this.opened = true;
    if (this.phase === "idle") void this.start();
    void this.askAvailability();
  }

  /** The page is looked at again, or (`restart`) the network is back: what waits is tried now. */
  poke(restart = false): void {
    this.nap.wake();
    this.drain();
    if (restart && this.chat.live.state !== "off") this.chat.live.restart();
    else this.chat.live.poke();
    if (this.phase === "ready" && this.chat.conversation) void this.chat.refresh();
    void this.session.revoke();
    this.changed();
  }

  send(draft: Draft): void {
    this.outbox.add(draft);
    const toBot = (this.chat.conversation?.owner ?? "bot") === "bot" && draft.kind === "message";
    if (toBot && this.options.isOnline()) this.chat.typing.show("", BOT_THINKS_FOR_MS);
    this.drain();
    this.changed();
  }

  discard(clientId: string): void {
    this.outbox.remove(clientId);
    this.changed();
  }

  /** Another tab wrote to what the tabs share. */
  sharedChanged(key: string): void {
    if (key.startsWith("outbox:")) this.drain();
    if (key === "session" || key === "logged-out") this.chat.reset();
    if (key === "session" || key === "logged-out" || key === CURRENT) void this.start();
    this.changed();
  }

  async identify(token: string): Promise<void> {
    try {
      await this.session.identify(token);
      this.signInFailed = false;
      await this.starting;
      await this.start();
    } catch (error) {
      this.signInFailed = error instanceof Problem;
    }
    this.changed();
  }

  async logOut(): Promise<void> {
    await this.session.logOut();
  }

  async startAfresh(): Promise<void> {
    this.session.startAfresh();
    await this.start();
  }

  private async resume(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      if (this.session.loggedOut || (!this.session.visitor && !this.opened)) break;
      this.enter("starting");
      try {
        const list = (await this.session.call("GET", LIST)) as Page<Conversation>;
        await this.chat.adopt(list.items);
        this.enter("ready");
        this.drain();
        return;
      } catch (error) {
        if (error instanceof Problem && error.status === 401) break;
        await this.nap.sleep(delayMs(tries, { baseMs: 1000, capMs: 30_000 }));
      }
    }
    this.rest();
  }

  /** Nothing is sent before we know which conversation is ours; `resume` drains when it does. */
  private drain(): void {
    if (this.phase === "ready") this.courier.kick();
    else if (this.phase === "idle" && this.outbox.next()) void this.start();
  }

  private sendFile(file: Attachment): void {
    this.send({ kind: "message", body: { file_ids: [file.id] }, label: "", attachments: [file] });
  }

  private async askAvailability(): Promise<void> {
    try {
      this.availability = (await this.session.call("GET", "/api/visitor/availability")) as Availability;
      this.changed();
    } catch {
      // Without an answer the chat simply does not say who is here.
    }
  }

  private remember(conversationId: string | null): void {
    const { store } = this.options;
    if (conversationId === null) store.remove(CURRENT);
    else if (store.get(CURRENT) !== conversationId) store.set(CURRENT, conversationId);
  }

  /** The session now belongs to someone else than before: nothing of theirs may be read or sent after this. */
  private forget(): void {
    const { store } = this.options;
    for (const key of [CURRENT, MAKING]) store.remove(key);
    this.chat.reset();
    if (!this.session.visitor?.identified) return;
    // An anonymous session that was lost keeps its unsent words; those of another customer are dropped.
    this.clearWords();
  }

  private end(): void {
    for (const key of [CURRENT, MAKING]) this.options.store.remove(key);
    this.clearWords();
    this.chat.reset();
    this.enter("logged-out");
  }

  private clearWords(): void {
    this.outbox.clear();
    this.uploads.clear();
    this.options.store.remove("draft");
  }

  private reached(reachable: boolean): void {
    if (this.reachable === reachable) return;
    this.reachable = reachable;
    this.changed();
  }

  private rest(): void {
    this.enter(this.session.loggedOut ? "logged-out" : "idle");
  }

  private enter(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }
}
