// The menu behind the three dots: opened and walked by keyboard, closed by Escape, a click elsewhere or a choice.
import { h, icon, set, type IconName } from "./dom";

export interface MenuItem {
  id: string;
  label: string;
  icon: IconName;
  /** The language of the label where it is not the page's own. */
  lang?: string;
  run: () => void;
}

export class Menu {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly list = h("div", { class: "menu", role: "menu", id: "menu", hidden: true });

  constructor(private readonly items: () => MenuItem[]) {
    this.button = h("button", {
      ...{ class: "icon-button", type: "button", "aria-haspopup": "menu", "aria-expanded": "false" },
      ...{ "aria-controls": "menu", "data-testid": "menu" },
    });
    this.button.append(icon("menu"));
    this.element = h("div", { class: "menu-anchor" }, this.button, this.list);
    this.button.addEventListener("click", () => {
      if (this.isOpen) this.close();
      else this.open(0);
    });
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      this.open(event.key === "ArrowDown" ? 0 : -1);
    });
    this.list.addEventListener("keydown", (event) => this.walk(event));
    this.element.addEventListener("focusout", (event) => {
      if (event.relatedTarget instanceof Node && !this.element.contains(event.relatedTarget)) this.close(false);
    });
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !this.element.contains(event.target)) this.close(false);
    });
  }

  get isOpen(): boolean {
    return !this.list.hidden;
  }

  label(text: string): void {
    set(this.button, "aria-label", text);
    set(this.button, "title", text);
    set(this.list, "aria-label", text);
  }

  close(returnFocus = true): void {
    if (!this.isOpen) return;
    this.list.hidden = true;
    set(this.button, "aria-expanded", "false");
    if (returnFocus) this.button.focus();
  }

  private open(focusAt: number): void {
    this.list.replaceChildren(...this.items().map((item) => this.entry(item)));
    this.list.hidden = false;
    set(this.button, "aria-expanded", "true");
    this.entries.at(focusAt)?.focus();
  }

  private get entries(): HTMLButtonElement[] {
    return [...this.list.querySelectorAll("button")];
  }

  private entry(item: MenuItem): HTMLElement {
    return h(
      "button",
      {
        ...{ class: "menu-item", type: "button", role: "menuitem", tabindex: "-1", "data-testid": `menu-${item.id}` },
        lang: item.lang ?? null,
        onclick: () => {
          this.close();
          item.run();
        },
      },
      icon(item.icon),
      item.label,
    );
  }

  private walk(event: KeyboardEvent): void {
    const entries = this.entries;
    const at = entries.findIndex((entry) => entry === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + entries.length, Home: 0, End: entries.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      entries[to % entries.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab") this.close();
  }
}
