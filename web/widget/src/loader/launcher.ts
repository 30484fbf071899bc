// What the host page shows of the chat: the round button with its badge, and the panel that holds the frame.
import { dress, make, shape } from "./dom";
import { css } from "./style";
import type { Words } from "./words";

const BUBBLE = "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-6l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 9.5h8M8 12.7h5";
const DOWN = "M6 9.5l6 6 6-6";

export class Launcher {
  readonly host = document.createElement("deskhand-chat");
  readonly panel: HTMLElement;
  readonly button: HTMLElement;
  private readonly badge = make("span", { class: "badge", "aria-hidden": "true", "data-testid": "badge" });
  private readonly phone = matchMedia("(max-width: 480px)");
  private covered: HTMLElement[] = [];
  private overflow = "";

  constructor(
    private readonly text: Words,
    private readonly redraw: () => void,
    toggle: () => void,
  ) {
    const root = this.host.attachShadow({ mode: "open" });
    this.panel = make("div", { class: "panel", role: "dialog", "aria-label": text.chat, "data-testid": "panel" });
    this.button = make("button", { class: "launcher", type: "button", "data-testid": "launcher" });
    this.button.append(shape("chat", BUBBLE), shape("down", DOWN), this.badge);
    this.button.onclick = toggle;
    this.phone.addEventListener("change", this.redraw);
    dress(root, css);
    root.append(this.panel, this.button);
  }

  draw(open: boolean, unread: number, theme: string): void {
    const label = open ? this.text.close : unread > 0 ? this.text.unread(unread) : this.text.open;
    this.button.setAttribute("aria-label", label);
    this.button.setAttribute("aria-expanded", String(open));
    this.button.title = label;
    this.badge.textContent = unread > 9 ? "9+" : String(unread);
    this.badge.hidden = open || unread === 0;
    this.panel.hidden = !open;
    this.host.dataset["open"] = String(open);
    this.host.dataset["theme"] = theme;
    this.cover(open && this.phone.matches);
  }

  /** On a phone the chat is the page: what lies under it can be neither scrolled nor reached. */
  private cover(whole: boolean): void {
    this.panel.ariaModal = whole ? "true" : null;
    if (whole === this.covered.length > 0) return;
    const { style } = document.documentElement;
    if (whole) {
      this.overflow = style.overflow;
      style.overflow = "hidden";
      this.covered = ([...document.body.children] as HTMLElement[]).filter((one) => one !== this.host && !one.inert);
    } else style.overflow = this.overflow;
    for (const element of this.covered) element.inert = whole;
    if (!whole) this.covered = [];
  }
}
