// What several tests need: a storage area, messages, parcels, and waiting for something to become true.
import type { Draft } from "../src/app/outbox";
import type { Message } from "../src/app/types";

/** localStorage as far as it is used; `full` refuses every write, as private modes do. */
export class FakeArea implements Storage {
  [name: string]: unknown;
  constructor(full = false) {
    Object.defineProperty(this, "full", { value: full, enumerable: false });
  }
  get length(): number {
    return Object.keys(this).length;
  }
  clear(): void {
    for (const key of Object.keys(this)) this.removeItem(key);
  }
  getItem(key: string): string | null {
    return typeof this[key] === "string" ? this[key] : null;
  }
  key(index: number): string | null {
    return Object.keys(this)[index] ?? null;
  }
  removeItem(key: string): void {
    Reflect.deleteProperty(this, key);
  }
  setItem(key: string, value: string): void {
    if (this["full"]) throw new Error("QuotaExceededError");
    this[key] = value;
  }
}

export const text = (words: string): Draft => ({ kind: "message", body: { text: words }, label: words });

export function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    ...{ id: `m${seq}`, conversation_id: "c1", seq, author: { type: "bot", name: null }, kind: "text" },
    ...{ text: `number ${seq}`, payload: {}, attachments: [], client_id: null, created_at: "2026-11-23T06:00:00.000Z" },
    ...more,
  };
}

export const messages = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

export async function until(condition: () => boolean, withinMs = 8000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
