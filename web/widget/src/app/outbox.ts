// What the customer has sent and the server has not yet confirmed, kept across reloads in the order written.
import type { Store } from "./storage";
import type { Action, Attachment } from "./types";

export type Body = { text: string } | { action: Action } | { file_ids: string[] };

export interface Parcel {
  client_id: string;
  kind: "message" | "handoff";
  body: Body | Record<string, never>;
  /** What the bubble shows until the server's own wording arrives. */
  label: string;
  attachments?: Attachment[];
  created_at: string;
  /** The server's reason for refusing it; a refused parcel waits for the customer, not for the server. */
  failed?: string;
}

export type Draft = Pick<Parcel, "kind" | "body" | "label" | "attachments">;

interface Clock {
  now: () => number;
  newId: () => string;
}

const PREFIX = "outbox:";

/**
 * One stored key per parcel, never one list: two tabs that write at once cannot overwrite each other.
 * The key carries the order, which also rises when the clock goes backwards.
 */
export class Outbox {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock = { now: Date.now, newId: () => crypto.randomUUID() },
  ) {}

  add(draft: Draft): Parcel {
    const now = this.clock.now();
    const parcel = { ...draft, client_id: this.clock.newId(), created_at: new Date(now).toISOString() };
    const last = Number(this.keys().at(-1)?.split(":")[1] ?? 0);
    const order = String(Math.max(now, last + 1)).padStart(15, "0");
    this.store.set(`${PREFIX}${order}:${parcel.client_id}`, JSON.stringify(parcel));
    return parcel;
  }

  list(): Parcel[] {
    const parcels: Parcel[] = [];
    for (const key of this.keys()) {
      const parcel = decode(this.store.get(key));
      if (parcel) parcels.push(parcel);
      else this.store.remove(key);
    }
    return parcels;
  }

  /** The one to send now: strictly the oldest that was not refused. */
  next(): Parcel | undefined {
    return this.list().find((parcel) => parcel.failed === undefined);
  }

  fail(clientId: string, detail: string): void {
    const key = this.keyOf(clientId);
    const parcel = key === undefined ? null : decode(this.store.get(key));
    if (key !== undefined && parcel) this.store.set(key, JSON.stringify({ ...parcel, failed: detail }));
  }

  remove(clientId: string): void {
    const key = this.keyOf(clientId);
    if (key !== undefined) this.store.remove(key);
  }

  clear(): void {
    for (const key of this.keys()) this.store.remove(key);
  }

  private keys(): string[] {
    return this.store.keys(PREFIX).sort();
  }

  private keyOf(clientId: string): string | undefined {
    return this.keys().find((key) => key.endsWith(`:${clientId}`));
  }
}

function decode(text: string | null): Parcel | null {
  try {
    const parcel = JSON.parse(text ?? "null") as Partial<Parcel> | null;
    return parcel?.client_id && parcel.kind && parcel.body ? (parcel as Parcel) : null;
  } catch {
    return null;
  }
}
