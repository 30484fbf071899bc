// One conversation as a contiguous list of numbered messages; what arrives too early is held back.
import type { Message } from "./types";

export class Timeline {
  /** Shown messages, ascending and without holes. */
  items: Message[] = [];
  /** The highest number this list reaches; 0 before the first message. */
  last = 0;
  /** True when nothing older exists on the server. */
  complete = false;
  private readonly early = new Map<number, Message>();
  private head = 0;

  constructor(readonly conversationId: string) {}

  get first(): number | null {
    return this.items[0]?.seq ?? null;
  }

  /** Messages that are known but cannot be shown yet, ascending. */
  get held(): Message[] {
    return [...this.early.values()].sort((a, b) => a.seq - b.seq);
  }

  /** True while the server has something that we cannot show. */
  get behind(): boolean {
    return this.early.size > 0 || this.head > this.last;
  }

  /** The server says that numbers up to `seq` exist. */
  heardOf(seq: number): void {
    this.head = Math.max(this.head, seq);
  }

  /** One message from the socket or from our own POST, in any order, any number of times. */
  offer(message: Message): void {
    if (!Number.isInteger(message.seq) || message.seq <= this.last) return;
    this.heardOf(message.seq);
    this.early.set(message.seq, message);
    this.advance();
  }

  /** The newest page, read before anything else is shown. */
  startWith(page: Message[], limit: number): void {
    const sorted = ascending(page);
    this.items = sorted;
    this.last = sorted.at(-1)?.seq ?? 0;
    this.complete = sorted.length < limit || sorted[0]?.seq === 1;
    this.settle();
  }

  /**
   * A page read with `after`. The server's list is the ledger: a number missing inside the page does not
   * exist, so the list goes on behind it. Answers how far the list now reaches.
   */
  append(page: Message[], after: number): number {
    if (after > this.last) return this.last;
    for (const message of ascending(page)) {
      if (message.seq <= this.last) continue;
      this.items = [...this.items, message];
      this.last = message.seq;
    }
    this.settle();
    return this.last;
  }

  /** A page read with `before` the first shown number. */
  prepend(page: Message[], limit: number): void {
    const first = this.first;
    const older = ascending(page).filter((message) => first === null || message.seq < first);
    this.items = [...older, ...this.items];
    this.complete = page.length < limit || this.first === 1;
  }

  private settle(): void {
    for (const seq of this.early.keys()) if (seq <= this.last) this.early.delete(seq);
    this.heardOf(this.last);
    this.advance();
  }

  private advance(): void {
    for (let next = this.early.get(this.last + 1); next; next = this.early.get(this.last + 1)) {
      this.early.delete(next.seq);
      this.items = [...this.items, next];
      this.last = next.seq;
    }
  }
}

function ascending(page: Message[]): Message[] {
  return page.filter((message) => Number.isInteger(message.seq)).sort((a, b) => a.seq - b.seq);
}
