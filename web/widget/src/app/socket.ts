// A WebSocket that stays: heartbeat, notice of silence, reconnecting with backoff, waking at once when asked.
import { delayMs, type Backoff } from "./backoff";

/** The part of WebSocket that is used; tests bring their own. */
export interface Wire {
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export type Frame = Record<string, unknown> & { type: string };

export interface SocketOptions {
  connect: () => Wire;
  /** The first frame, built anew for each connection; null when there is nothing to listen to. */
  hello: () => object | null;
  onFrame: (frame: Frame) => void;
  /** `failures`: connects in a row that did not reach the server's `ready`, or broke soon after it. */
  onState: (state: SocketState, failures: number) => void;
  backoff?: Backoff;
}

export type SocketState = "off" | "connecting" | "live" | "waiting";

export const PING_EVERY_MS = 10_000;
export const DEAD_AFTER_MS = 30_000;
const READY_WITHIN_MS = 10_000;
/** The server speaks every ten seconds; silence of more than this is worth a new connection when we are woken. */
const SUSPICIOUS_AFTER_MS = 15_000;
/** A connection that breaks sooner than this counts as one that failed. */
const SETTLED_AFTER_MS = 5_000;
const BACKOFF: Backoff = { baseMs: 1000, capMs: 20_000 };

export class Socket {
  private wire: Wire | null = null;
  private state: SocketState = "off";
  private failures = 0;
  private heardAt = 0;
  private liveSince = 0;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: SocketOptions) {}

  get live(): boolean {
    return this.state === "live";
  }

  /** Connects now, dropping any connection there is (its hello may be out of date). */
  restart(): void {
    this.drop();
    this.open();
  }

  stop(): void {
    this.drop();
    this.failures = 0;
    this.enter("off");
  }

  /** The page is looked at again: try at once, and do not trust a connection that has been silent. */
  poke(): void {
    if (this.state === "waiting") this.open();
    else if (this.live && Date.now() - this.heardAt > SUSPICIOUS_AFTER_MS) this.restart();
  }

  send(frame: object): void {
    if (this.state !== "live") return;
    try {
      this.wire?.send(JSON.stringify(frame));
    } catch {
      this.lost();
    }
  }

  private open(): void {
    clearTimeout(this.pause);
    const hello = this.options.hello();
    if (!hello) return this.stop();
    this.enter("connecting");
    let wire: Wire;
    try {
      wire = this.options.connect();
    } catch {
      return this.lost();
    }
    this.wire = wire;
    this.deadline = setTimeout(() => this.lost(), READY_WITHIN_MS);
    wire.onopen = () => {
      wire.send(JSON.stringify(hello));
    };
    wire.onmessage = ({ data }) => {
      if (wire === this.wire) this.hear(data);
    };
    wire.onclose = () => {
      if (wire === this.wire) this.lost();
    };
  }

  private hear(data: unknown): void {
    this.heardAt = Date.now();
    const frame = decode(data);
    if (!frame) return;
    if (frame.type === "ready") this.ready();
    this.options.onFrame(frame);
  }

  private ready(): void {
    clearTimeout(this.deadline);
    clearInterval(this.pulse);
    this.liveSince = Date.now();
    this.enter("live");
    this.pulse = setInterval(() => {
      if (Date.now() - this.heardAt > DEAD_AFTER_MS) this.lost();
      else this.send({ type: "ping" });
    }, PING_EVERY_MS);
  }

  private lost(): void {
    const settled = this.live && Date.now() - this.liveSince > SETTLED_AFTER_MS;
    this.drop();
    if (settled) this.failures = 0;
    const wait = delayMs(this.failures, this.options.backoff ?? BACKOFF);
    if (!settled) this.failures += 1;
    this.enter("waiting");
    this.pause = setTimeout(() => this.open(), wait);
  }

  private drop(): void {
    clearInterval(this.pulse);
    clearTimeout(this.pause);
    clearTimeout(this.deadline);
    const wire = this.wire;
    this.wire = null;
    if (!wire) return;
    wire.onopen = wire.onmessage = wire.onclose = null;
    try {
      wire.close();
    } catch {
      // Closing a connection that never opened is allowed to complain.
    }
  }

  private enter(state: SocketState): void {
    this.state = state;
    this.options.onState(state, this.failures);
  }
}

function decode(data: unknown): Frame | null {
  if (typeof data !== "string") return null;
  try {
    const frame = JSON.parse(data) as Partial<Frame> | null;
    return typeof frame?.type === "string" ? (frame as Frame) : null;
  } catch {
    return null;
  }
}
