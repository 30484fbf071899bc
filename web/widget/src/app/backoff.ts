// How long to wait before the next try: doubling, capped, and jittered so that clients do not march in step.

export interface Backoff {
  baseMs: number;
  capMs: number;
  random?: () => number;
}

/** Milliseconds before try number `attempt` (0 = the first retry), between half and all of the doubled base. */
export function delayMs(attempt: number, { baseMs, capMs, random = Math.random }: Backoff): number {
  const full = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 20));
  return Math.round(full / 2 + (full / 2) * random());
}

/** A sleep that `wake()` ends early, so that coming back online does not wait out a long pause. */
export class Nap {
  private wakeUp: (() => void) | null = null;

  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = null;
  }

  wake(): void {
    this.wakeUp?.();
  }
}
