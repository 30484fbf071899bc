// Carries the outbox to the server: one parcel at a time, in order, until each is confirmed or refused.
import { Problem } from "./api";
import { Nap, delayMs, type Backoff } from "./backoff";
import type { Outbox, Parcel } from "./outbox";

/** What became of one attempt. `again`: at once, something else has to be sent first or somewhere else. */
export type Outcome =
  | { type: "delivered" }
  | { type: "refused"; detail: string }
  | { type: "later"; afterMs: number | null }
  | { type: "again" }
  | { type: "stop" };

/** Runs `work` while no other tab runs its own. */
export type Lock = (work: () => Promise<void>) => Promise<void>;

interface Options {
  outbox: Outbox;
  deliver: (parcel: Parcel) => Promise<Outcome>;
  changed: () => void;
  lock: Lock;
  backoff?: Backoff;
}

const BACKOFF: Backoff = { baseMs: 1000, capMs: 30_000 };

/** The outcome of an error thrown by an attempt. A 409 that the caller could have followed is not seen here. */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Problem)) return { type: "later", afterMs: null };
  if (error.status === 429) return { type: "later", afterMs: error.retryAfterMs };
  if (error.status === 401) return { type: "stop" };
  const passing = error.status >= 500 || error.status === 408 || error.status === 425;
  return passing ? { type: "later", afterMs: error.retryAfterMs } : { type: "refused", detail: error.detail };
}

export class Courier {
  private running = false;
  private tries = 0;
  private stuckOn = "";
  private readonly nap = new Nap();

  constructor(private readonly options: Options) {}

  /** Starts the round, or ends the pause of a running one. */
  kick(): void {
    this.nap.wake();
    if (!this.running) void this.round();
  }

  private async round(): Promise<void> {
    this.running = true;
    try {
      while (this.options.outbox.next()) {
        const pause = await this.attempt();
        if (pause === null) return;
        // Paused outside the lock: a tab that is asleep must not keep the others from sending.
        if (pause > 0) await this.nap.sleep(pause);
      }
    } finally {
      this.running = false;
    }
  }

  /** One try under the lock. Answers the pause before the next one, or null when the round is over. */
  private async attempt(): Promise<number | null> {
    const { outbox, deliver, changed, lock } = this.options;
    let pause: number | null = 0;
    await lock(async () => {
      const parcel = outbox.next();
      if (!parcel) return;
      const outcome = await deliver(parcel).catch(outcomeOf);
      if (outcome.type === "delivered") outbox.remove(parcel.client_id);
      if (outcome.type === "refused") outbox.fail(parcel.client_id, outcome.detail);
      pause = this.pauseAfter(outcome, parcel);
    });
    changed();
    return pause;
  }

  private pauseAfter(outcome: Outcome, parcel: Parcel): number | null {
    if (parcel.client_id !== this.stuckOn) this.tries = 0;
    this.stuckOn = parcel.client_id;
    if (outcome.type === "stop") return null;
    if (outcome.type === "delivered" || outcome.type === "refused") return 0;
    const wait = delayMs(this.tries++, this.options.backoff ?? BACKOFF);
    // "again" is meant to work at once; when it keeps happening it is a loop, and slows down like any failure.
    if (outcome.type === "again") return this.tries <= 2 ? 0 : wait;
    return outcome.afterMs ?? wait;
  }
}

/** Web Locks where the browser has them; without, the server's unique client ids are the only guard. */
export function tabLock(name: string, locks: LockManager | undefined): Lock {
  if (!locks) return (work) => work();
  return async (work) => {
    await locks.request(name, work);
  };
}
