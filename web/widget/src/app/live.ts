// How news reaches us: by the socket, or by asking every three seconds while the socket does not get through.
import { Socket, type Frame, type SocketState, type Wire } from "./socket";

export const POLL_EVERY_MS = 3_000;
export const POLL_AFTER_FAILURES = 2;

interface Options {
  connect: () => Wire;
  hello: () => object | null;
  onFrame: (frame: Frame) => void;
  poll: () => Promise<void>;
  changed: () => void;
}

export class Live {
  state: SocketState = "off";
  failures = 0;
  private readonly socket: Socket;
  private poller: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: Options) {
    this.socket = new Socket({
      connect: options.connect,
      hello: options.hello,
      onFrame: options.onFrame,
      onState: (state, failures) => {
        this.state = state;
        this.failures = failures;
        if (this.polling) this.pollSoon();
        else this.stopPolling();
        options.changed();
      },
    });
  }

  get polling(): boolean {
    return this.state !== "off" && this.state !== "live" && this.failures >= POLL_AFTER_FAILURES;
  }

  /** Listens to what `hello` now names; a socket with an older hello is replaced. */
  restart(): void {
    this.socket.restart();
  }

  stop(): void {
    this.socket.stop();
  }

  poke(): void {
    this.socket.poke();
  }

  send(frame: object): void {
    this.socket.send(frame);
  }

  private pollSoon(): void {
    this.poller ??= setTimeout(() => {
      void this.options.poll().finally(() => {
        this.poller = undefined;
        if (this.polling) this.pollSoon();
      });
    }, POLL_EVERY_MS);
  }

  private stopPolling(): void {
    clearTimeout(this.poller);
    this.poller = undefined;
  }
}
