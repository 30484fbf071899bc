// Who is typing: the other side's sign with its expiry, and our own, sent sparingly.

export const SHOWN_FOR_MS = 6_000;
export const BOT_THINKS_FOR_MS = 10_000;
export const TELL_EVERY_MS = 2_000;

export class Typing {
  /** The name of who is typing, "" for the assistant, null for nobody. */
  who: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private toldAt = -Infinity;

  constructor(private readonly changed: () => void) {}

  show(name: string, forMs: number = SHOWN_FOR_MS): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.clear(), forMs);
    if (this.who === name) return;
    this.who = name;
    this.changed();
  }

  clear(): void {
    clearTimeout(this.timer);
    if (this.who === null) return;
    this.who = null;
    this.changed();
  }

  /** True when the other side should be told now that the customer types. */
  tell(now: number = Date.now()): boolean {
    if (now - this.toldAt < TELL_EVERY_MS) return false;
    this.toldAt = now;
    return true;
  }
}
