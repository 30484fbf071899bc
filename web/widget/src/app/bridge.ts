// Talks with the loader on the host page: one known window, one known origin, a handful of message types.

export interface HostHello {
  open: boolean;
  theme: string;
  pageUrl: string;
}

interface Handlers {
  hello: (hello: HostHello) => void;
  opened: () => void;
  closed: () => void;
  theme: (theme: string) => void;
  language: (language: string) => void;
  identify: (token: string) => void;
  logOut: () => void;
}

export class Bridge {
  /** The chat opened as a page of its own has no host. */
  readonly alone = window.parent === window;
  private readonly origin: string | null;

  constructor(
    hash: URLSearchParams,
    private readonly handlers: Handlers,
  ) {
    this.origin = httpOrigin(hash.get("host"));
    window.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (event.source === window.parent && event.origin === this.origin && !this.alone) this.take(event.data);
    });
    this.post({ type: "ready" });
  }

  close(): void {
    this.post({ type: "close" });
  }

  unread(count: number): void {
    this.post({ type: "unread", count });
  }

  private post(message: object): void {
    if (!this.alone && this.origin) window.parent.postMessage({ deskhand: 1, ...message }, this.origin);
  }

  private take(data: unknown): void {
    const message = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
    if (message["deskhand"] !== 1) return;
    const { handlers } = this;
    const text = (key: string) => (typeof message[key] === "string" ? message[key] : "");
    switch (message["type"]) {
      case "hello":
        handlers.hello({ open: message["open"] === true, theme: text("theme"), pageUrl: text("page_url") });
        break;
      case "opened":
        handlers.opened();
        break;
      case "closed":
        handlers.closed();
        break;
      case "theme":
        handlers.theme(text("theme"));
        break;
      case "language":
        handlers.language(text("language"));
        break;
      case "identify":
        if (text("token")) handlers.identify(text("token"));
        break;
      case "logout":
        handlers.logOut();
    }
  }
}

function httpOrigin(value: string | null): string | null {
  try {
    const url = new URL(value ?? "");
    return url.protocol === "https:" || url.protocol === "http:" ? url.origin : null;
  } catch {
    return null;
  }
}
