// The conversation on screen: what was said, who owns it, who types; fed by the socket, the ledger and polls.
import { newsOf, patchOf, type News, type Patch } from "./frames";
import { t } from "./i18n";
import { Ledger } from "./ledger";
import { Live } from "./live";
import type { Session } from "./session";
import type { Wire } from "./socket";
import type { Conversation, Message, Page } from "./types";
import { Typing } from "./typing";

interface Options {
  session: Session;
  connect: (path: string) => Wire;
  changed: () => void;
  /** Remembers which conversation is the current one, for the next page and the other tabs. */
  remember: (conversationId: string | null) => void;
}

export const LIST = "/api/visitor/conversations";

export class Chat {
  conversation: Conversation | null = null;
  readonly ledger: Ledger;
  readonly live: Live;
  readonly typing: Typing;
  private answered = "";

  constructor(private readonly options: Options) {
    const { session, connect, changed } = options;
    this.typing = new Typing(changed);
    this.ledger = new Ledger({
      get: (path) => session.call("GET", path),
      changed: () => {
        this.noticeAnswer();
        changed();
      },
      gone: (id) => this.lose(id),
    });
    this.live = new Live({
      connect: () => connect("/api/visitor/socket"),
      hello: () => this.hello(),
      onFrame: (frame) => {
        for (const news of newsOf(frame)) this.take(news);
      },
      poll: () => this.refresh(),
      changed,
    });
  }

  /** Takes up the newest open conversation of the visitor's list, else the newest one, else none. */
  async adopt(list: Conversation[]): Promise<void> {
    const sorted = [...list].sort((a, b) => (a.created_at ?? "").localeCompare(b.created_at ?? ""));
    const current = sorted.filter((one) => one.status !== "resolved").at(-1) ?? sorted.at(-1);
    if (!current) {
      if (!this.conversation) this.options.remember(null);
      return;
    }
    this.conversation = current;
    this.options.remember(current.id);
    const earlier = sorted.filter((one) => one !== current).map((one) => one.id);
    if (this.ledger.current?.conversationId === current.id) await this.ledger.catchUp();
    else await this.ledger.open(current.id, earlier);
    this.live.restart();
  }

  /** Goes on in a conversation that has just been made, or in the successor of a closed one. */
  moveTo(conversation: Pick<Conversation, "id"> & Partial<Conversation>): void {
    this.conversation = { status: "open", owner: "bot", last_seq: 0, read: 0, ...conversation };
    this.ledger.begin(conversation.id);
    this.live.restart();
    void this.refresh();
    this.options.changed();
  }

  /** The server does not know this conversation as ours. */
  lose(id: string): void {
    if (this.conversation?.id !== id) return;
    this.options.remember(null);
    this.reset();
  }

  reset(): void {
    this.conversation = null;
    this.ledger.reset();
    this.live.stop();
    this.typing.clear();
    this.options.changed();
  }

  patch(id: string, patch: Patch): void {
    const before = this.conversation;
    if (!before || (id && id !== before.id)) return;
    const after = { ...before, ...patch };
    after.read = Math.max(before.read ?? 0, patch.read ?? 0);
    if (patch.owner && patch.owner !== before.owner) {
      // A new owner without a word about queue and agent leaves nothing true of the old ones.
      if (!("queue" in patch)) after.queue = null;
      if (!("agent" in patch)) after.agent = null;
      if (patch.owner !== "bot") this.typing.clear();
    }
    this.conversation = after;
    this.options.changed();
  }

  async refresh(): Promise<void> {
    await this.ledger.catchUp();
    try {
      const list = (await this.options.session.call("GET", LIST)) as Page<Conversation>;
      for (const one of list.items) this.patch(one.id, patchOf({ ...one }));
    } catch {
      // The next heartbeat, poll or wake-up asks again.
    }
  }

  /** Tells the other side that the customer types, as often as is polite. */
  tellTyping(): void {
    const id = this.conversation?.id;
    if (id && this.typing.tell()) this.live.send({ type: "typing", conversation_id: id });
  }

  async leaveQueue(): Promise<void> {
    const id = this.conversation?.id;
    if (!id) return;
    try {
      await this.options.session.call("DELETE", `${LIST}/${encodeURIComponent(id)}/handoff`);
    } catch {
      // Still in the queue, as the header goes on saying.
    }
    await this.refresh();
  }

  /** The latest name an agent wrote under, for when the server names no agent. */
  get agentName(): string | null {
    const named = this.conversation?.agent?.name;
    if (named) return named;
    const messages = this.ledger.current?.items ?? [];
    return messages.filter((message) => message.author.type === "agent").at(-1)?.author.name ?? null;
  }

  private hello(): object | null {
    const token = this.options.session.visitor?.token;
    const timeline = this.ledger.current;
    if (!token || !timeline) return null;
    return { type: "hello", token, conversations: { [timeline.conversationId]: timeline.last } };
  }

  private take(news: News): void {
    if (news.type === "message") this.ledger.receive(news.message);
    if (news.type === "patch") this.patch(news.conversationId, news.patch);
    if (news.type === "heads") for (const [id, seq] of news.heads) this.ledger.heardOf(id, seq);
    if (news.type === "resync") void this.refresh();
    if (news.type === "typing" && (!news.conversationId || news.conversationId === this.conversation?.id)) {
      this.typing.show(news.bot ? "" : (this.agentName ?? t("owner_agent")));
    }
  }

  /** Whoever has just answered is not typing any more, however the answer reached us. */
  private noticeAnswer(): void {
    const last = latestAnswer(this.ledger.current?.items ?? []);
    if (last === this.answered) return;
    this.answered = last;
    this.typing.clear();
  }
}

function latestAnswer(messages: Message[]): string {
  return messages.filter((message) => message.author.type !== "customer").at(-1)?.id ?? "";
}
