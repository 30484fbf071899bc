// The chat's frame: made late, spoken to only in its own window and origin, heard only from there.
import { make } from "./dom";
import type { Words } from "./words";

export type FrameMessage = { deskhand: 1 } & Record<string, unknown>;

const LOADS_WITHIN_MS = 15_000;

export class Frame {
  ready = false;
  private element: HTMLIFrameElement | null = null;
  private readonly wait = make("p", { class: "wait", role: "status" });
  private timer = 0;

  constructor(
    private readonly panel: HTMLElement,
    private readonly origin: string,
    private readonly address: () => string,
    private readonly text: Words,
    heard: (message: FrameMessage) => void,
  ) {
    addEventListener("message", (event: MessageEvent<unknown>) => {
      const source = this.element?.contentWindow;
      if (!source || event.source !== source || event.origin !== origin) return;
      const message = event.data as FrameMessage | null;
      if (message?.deskhand !== 1) return;
      if (message["type"] === "ready") this.loaded();
      heard(message);
    });
  }

  load(): void {
    if (this.element) return;
    this.element = make("iframe", { title: this.text.chat, "data-testid": "frame", src: this.address() });
    this.wait.textContent = this.text.opening;
    this.panel.replaceChildren(this.wait, this.element);
    this.timer = window.setTimeout(() => this.offerAgain(), LOADS_WITHIN_MS);
  }

  focus(): void {
    this.element?.focus();
  }

  tell(type: string, more: object = {}): void {
    if (this.ready) this.element?.contentWindow?.postMessage({ deskhand: 1, type, ...more }, this.origin);
  }

  private loaded(): void {
    this.ready = true;
    clearTimeout(this.timer);
    this.wait.remove();
  }

  private offerAgain(): void {
    const again = make("button", { type: "button" });
    again.textContent = this.text.again;
    again.onclick = () => {
      this.element = null;
      this.load();
    };
    this.wait.replaceChildren(this.text.failed, make("br", {}), again);
  }
}
