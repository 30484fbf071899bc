// Reads what was said: the newest page first, then everything after it, and older pages when asked.
import { Problem } from "./api";
import { Timeline } from "./timeline";
import type { Message, Page } from "./types";

export const PAGE = 40;
const CATCH_UP_PAGE = 200;

interface Options {
  get: (path: string) => Promise<unknown>;
  changed: () => void;
  /** The server does not know this conversation (any more). */
  gone: (conversationId: string) => void;
}

export class Ledger {
  /** Oldest conversation first; the last one is where we write. */
  timelines: Timeline[] = [];
  private unread: string[] = [];
  private catching: Promise<void> | null = null;
  private more = false;

  constructor(private readonly options: Options) {}

  get current(): Timeline | undefined {
    return this.timelines.at(-1);
  }

  get hasEarlier(): boolean {
    const first = this.timelines[0];
    return first !== undefined && (!first.complete || this.unread.length > 0);
  }

  reset(): void {
    this.timelines = [];
    this.unread = [];
  }

  /** Shows a conversation, newest page first. `earlier`: ids of the ones before it, oldest first. */
  async open(conversationId: string, earlier: string[]): Promise<void> {
    const timeline = new Timeline(conversationId);
    timeline.startWith(await this.page(conversationId, `limit=${PAGE}`), PAGE);
    this.timelines = [timeline];
    this.unread = earlier;
    this.options.changed();
  }

  /** Goes on in a conversation that has just been made; what was shown before stays above it. */
  begin(conversationId: string): void {
    if (this.current?.conversationId === conversationId) return;
    const timeline = new Timeline(conversationId);
    timeline.complete = true;
    this.timelines = [...this.timelines, timeline];
    this.options.changed();
  }

  receive(message: Message): void {
    const timeline = this.current;
    if (timeline?.conversationId !== message.conversation_id) return;
    timeline.offer(message);
    if (timeline.behind) void this.catchUp();
    this.options.changed();
  }

  heardOf(conversationId: string, seq: number): void {
    const timeline = this.current;
    if (timeline?.conversationId !== conversationId) return;
    timeline.heardOf(seq);
    if (timeline.behind) void this.catchUp();
  }

  /** Reads on from the last shown message until nothing is missing. One at a time; never throws. */
  catchUp(): Promise<void> {
    this.more = true;
    this.catching ??= this.readOn().finally(() => (this.catching = null));
    return this.catching;
  }

  async earlier(): Promise<void> {
    const first = this.timelines[0];
    if (!first) return;
    if (!first.complete && first.first !== null) {
      first.prepend(await this.page(first.conversationId, `before=${first.first}&limit=${PAGE}`), PAGE);
    } else {
      const id = this.unread.at(-1);
      if (id === undefined) return;
      const older = new Timeline(id);
      older.startWith(await this.page(id, `limit=${PAGE}`), PAGE);
      this.unread = this.unread.slice(0, -1);
      this.timelines = [older, ...this.timelines];
    }
    this.options.changed();
  }

  private async readOn(): Promise<void> {
    while (this.more) {
      this.more = false;
      const timeline = this.current;
      if (!timeline) return;
      try {
        await this.readPages(timeline);
      } catch (error) {
        if (error instanceof Problem && error.status === 404) this.options.gone(timeline.conversationId);
        // Anything else is tried again by the next heartbeat, poll or wake-up.
        return;
      }
      this.options.changed();
    }
  }

  private async readPages(timeline: Timeline): Promise<void> {
    for (;;) {
      const after = timeline.last;
      const page = await this.page(timeline.conversationId, `after=${after}&limit=${CATCH_UP_PAGE}`);
      timeline.append(page, after);
      if (page.length < CATCH_UP_PAGE || timeline.last === after) return;
    }
  }

  private async page(conversationId: string, query: string): Promise<Message[]> {
    const path = `/api/visitor/conversations/${encodeURIComponent(conversationId)}/messages?${query}`;
    return ((await this.options.get(path)) as Page<Message>).items;
  }
}
