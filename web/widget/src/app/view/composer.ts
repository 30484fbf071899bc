// Where the customer writes: grows with the text, Enter sends (not while an input method composes), files by button, paste or drop.
import { t } from "../i18n";
import { h, icon, say, set, show } from "./dom";

export const MAX_TEXT = 8000;
const WARN_FROM = 7500;

interface Options {
  draft: string;
  send: (text: string) => void;
  attach: (file: File) => void;
  typing: () => void;
  remember: (draft: string) => void;
}

export class Composer {
  readonly element: HTMLFormElement;
  private readonly input = h("textarea", { id: "composer", rows: 1, "data-testid": "composer", enterkeyhint: "send" });
  private readonly sendButton = h("button", { class: "send", type: "submit", "data-testid": "send" }, icon("send"));
  private readonly attachButton = h("button", { class: "icon-button attach", type: "button", "data-testid": "attach" }, icon("attach"));
  private readonly picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "data-testid": "file-input" });
  private readonly count = h("p", { class: "count", role: "status", hidden: true });
  private composing = false;
  private readonly label = h("label", { for: "composer", class: "hidden-text" });

  constructor(private readonly options: Options) {
    const row = h("div", { class: "composer-row" }, this.attachButton, this.label, this.input, this.sendButton, this.picker);
    this.element = h("form", { class: "composer", novalidate: true }, this.count, row);
    this.input.value = options.draft;
    this.listen();
    // Its height is only known once it is laid out, and changes with its width.
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  render(): void {
    say(this.label, t("compose"));
    set(this.input, "placeholder", t("placeholder"));
    set(this.sendButton, "aria-label", t("send"));
    set(this.sendButton, "title", t("send"));
    set(this.attachButton, "aria-label", t("attach"));
    set(this.attachButton, "title", t("attach"));
    set(this.picker, "aria-label", t("attach"));
    this.measure();
  }

  focus(): void {
    this.input.focus({ preventScroll: true });
  }

  clear(): void {
    this.input.value = "";
    this.resize();
  }

  private listen(): void {
    const { attach, typing, remember } = this.options;
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("input", () => {
      this.resize();
      remember(this.input.value);
      if (this.input.value.trim()) typing();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || this.composing || event.isComposing) return;
      event.preventDefault();
      this.submit();
    });
    // Safari ends the composition before it reports the Enter that chose the word: wait for the key to go up.
    this.input.addEventListener("compositionstart", () => (this.composing = true));
    this.input.addEventListener("compositionend", () => setTimeout(() => (this.composing = false), 30));
    this.input.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) event.preventDefault();
      files.forEach(attach);
    });
    this.attachButton.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => {
      [...(this.picker.files ?? [])].forEach(attach);
      this.picker.value = "";
      this.focus();
    });
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (!text || length(text) > MAX_TEXT) return;
    this.clear();
    this.options.remember("");
    this.options.send(text);
    this.focus();
  }

  private resize(): void {
    const { style } = this.input;
    style.height = "auto";
    if (this.input.scrollHeight > 0) style.height = `${this.input.scrollHeight}px`;
    this.measure();
  }

  private measure(): void {
    const used = length(this.input.value.trim());
    const left = MAX_TEXT - used;
    set(this.sendButton, "aria-disabled", used === 0 || left < 0 ? "true" : null);
    show(this.count, used >= WARN_FROM);
    if (used >= WARN_FROM) say(this.count, left < 0 ? t("too_long", { count: -left }) : t("left", { count: left }));
    set(this.input, "aria-invalid", left < 0 ? "true" : null);
  }
}

/** Characters as the server counts them, so an emoji is one. */
const length = (text: string): number => Array.from(text).length;
