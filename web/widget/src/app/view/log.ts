// The list of messages: keeps elements that stay, keeps the reader's place, follows only a reader at the end.
import { t } from "../i18n";
import type { Row } from "../thread";
import { day } from "../time";
import type { Upload } from "../uploads";
import { h, icon, show } from "./dom";
import { uploadElement } from "./files";
import { bodySignature, messageElement, refresh, type MessageActions } from "./message";

interface Kept {
  element: HTMLElement;
  signature: string;
}

export interface LogContent {
  rows: Row[];
  uploads: readonly Upload[];
  hasEarlier: boolean;
  language: string;
}

interface Options {
  actions: MessageActions;
  earlier: () => Promise<void>;
  removeUpload: (key: string) => void;
  retryUpload: (key: string) => void;
  /** The end of the list has come into view. */
  atEnd: () => void;
}

const NEAR_END_PX = 60;

export class Log {
  readonly element: HTMLElement;
  private readonly list = h("div", { class: "rows", role: "log", "aria-live": "polite", "data-testid": "log" });
  private readonly earlierButton: HTMLButtonElement;
  private readonly pill: HTMLButtonElement;
  private readonly scroller: HTMLElement;
  private kept = new Map<string, Kept>();
  private following = true;
  private newest: string | null = null;

  constructor(
    private readonly options: Options,
    welcome: HTMLElement,
    typing: HTMLElement,
  ) {
    this.earlierButton = h("button", { class: "earlier", type: "button", "data-testid": "earlier" });
    this.earlierButton.addEventListener("click", () => void this.loadEarlier());
    this.pill = h("button", { class: "pill", type: "button", hidden: true, "data-testid": "new-messages" });
    this.pill.addEventListener("click", () => {
      this.toEnd();
      this.scroller.focus();
    });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region" }, this.earlierButton, welcome, this.list, typing);
    this.scroller.addEventListener("scroll", () => {
      this.following = this.isNearEnd();
      if (this.following) this.reachedEnd();
    });
    this.element = h("div", { class: "log" }, this.scroller, this.pill);
    const grown = new ResizeObserver(() => {
      // Somebody who fills in a form is looking at it, whatever grows below.
      if (this.following && !this.list.contains(document.activeElement)) this.toEnd();
    });
    grown.observe(this.scroller);
    grown.observe(this.list);
  }

  get isAtEnd(): boolean {
    return this.following;
  }

  render(content: LogContent): void {
    this.list.setAttribute("aria-label", t("messages"));
    this.scroller.setAttribute("aria-label", t("conversation"));
    this.earlierButton.textContent = t("earlier");
    this.pill.replaceChildren(icon("down"), t("new_messages"));
    show(this.earlierButton, content.hasEarlier);
    const newest = this.place(content);
    if (this.following) this.toEnd();
    else if (newest !== null && newest !== this.newest) this.pill.hidden = false;
    this.newest = newest;
  }

  focus(): void {
    this.scroller.focus({ preventScroll: true });
  }

  /** Whoever sends something wants to see it. */
  follow(): void {
    this.following = true;
  }

  toEnd(): void {
    this.following = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.reachedEnd();
  }

  /** Puts the elements in order, reusing those whose content has not changed. Answers the newest row's key. */
  private place(content: LogContent): string | null {
    const next = new Map<string, Kept>();
    for (const row of content.rows) next.set(row.key, this.rowElement(row, content.language));
    for (const upload of content.uploads) next.set(upload.key, this.upload(upload, content.language));
    for (const [key, { element }] of this.kept) if (next.get(key)?.element !== element) element.remove();
    let before: ChildNode | null = this.list.firstChild;
    for (const { element } of next.values()) {
      if (before === element) before = element.nextSibling;
      else this.list.insertBefore(element, before);
    }
    this.kept = next;
    return content.rows.at(-1)?.key ?? null;
  }

  private rowElement(row: Row, language: string): Kept {
    const kept = this.kept.get(row.key);
    const signature = `${language}:${row.type === "day" ? day(row.at) : bodySignature(row)}`;
    const same = kept?.signature === signature;
    if (row.type === "day") {
      return same ? kept : { element: h("p", { class: "day" }, h("span", {}, day(row.at))), signature };
    }
    const element = same ? kept.element : messageElement(row, this.options.actions);
    refresh(element, row, this.options.actions);
    return { element, signature };
  }

  private upload(upload: Upload, language: string): Kept {
    const signature = `${language}:${upload.state}:${upload.reason ?? ""}`;
    const kept = this.kept.get(upload.key);
    if (kept?.signature === signature) return kept;
    const { removeUpload, retryUpload } = this.options;
    const element = uploadElement(
      upload,
      () => removeUpload(upload.key),
      () => retryUpload(upload.key),
    );
    return { element, signature };
  }

  /** Older messages come in above; what the reader looks at stays where it is, and is not read out again. */
  private async loadEarlier(): Promise<void> {
    this.earlierButton.disabled = true;
    this.list.setAttribute("aria-live", "off");
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.following = false;
    try {
      await this.options.earlier();
      this.scroller.scrollTop = this.scroller.scrollHeight - before;
    } catch {
      // The banner says that we are not reached; the button stays for another try.
    } finally {
      this.earlierButton.disabled = false;
      if (this.earlierButton.hidden) this.scroller.focus();
      this.list.setAttribute("aria-live", "polite");
    }
  }

  private isNearEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  private reachedEnd(): void {
    this.pill.hidden = true;
    this.options.atEnd();
  }
}
