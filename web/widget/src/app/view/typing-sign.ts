// The three dots that say who is writing.
import { t } from "../i18n";
import { h, say, show } from "./dom";

export class TypingSign {
  readonly element: HTMLElement;
  private readonly words = h("span", { class: "hidden-text" });
  private readonly name = h("span", { class: "typing-name", "aria-hidden": "true" });

  constructor() {
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("span"), h("span"), h("span"));
    this.element = h("div", { class: "typing", hidden: true, "data-testid": "typing" }, dots, this.name, this.words);
  }

  /** `who`: a name, "" for the assistant, null for nobody. */
  render(who: string | null): void {
    show(this.element, who !== null);
    say(this.words, who === null ? "" : who === "" ? t("typing_bot") : t("typing_person", { name: who }));
    say(this.name, who ?? "");
  }
}
