// What an empty chat shows: a greeting, who is here, and three ways to begin.
import type { Desk } from "../desk";
import { t, type Key } from "../i18n";
import { upcoming } from "../time";
import { h, icon, say, show } from "./dom";

const STARTERS: Key[] = ["starter_1", "starter_2", "starter_3"];

export class Welcome {
  readonly element: HTMLElement;
  private readonly title = h("h2", {});
  private readonly more = h("p", {});
  private readonly here = h("p", { class: "here", "data-testid": "availability" });
  private readonly starters = h("div", { class: "starters", role: "group" });

  constructor(
    private readonly desk: Desk,
    send: (text: string) => void,
  ) {
    for (const key of STARTERS) {
      const button = h("button", { class: "starter", type: "button", "data-key": key, "data-testid": "starter" });
      button.addEventListener("click", () => {
        send(t(key));
      });
      this.starters.append(button);
    }
    const sign = h("span", { class: "welcome-sign", "aria-hidden": "true" }, icon("spark"));
    this.element = h("section", { class: "welcome", "data-testid": "welcome" }, sign, this.title, this.more, this.here, this.starters);
  }

  render(visible: boolean): void {
    show(this.element, visible);
    say(this.title, t("welcome"));
    say(this.more, t("welcome_more"));
    say(this.here, this.whoIsHere());
    show(this.here, this.here.textContent !== "");
    this.here.classList.toggle("is-online", this.desk.availability?.online === true);
    this.starters.setAttribute("aria-label", t("starters"));
    for (const button of this.starters.querySelectorAll("button")) say(button, t(button.dataset["key"] as Key));
  }

  private whoIsHere(): string {
    const { availability } = this.desk;
    if (!availability) return "";
    if (availability.online) return t("people_here");
    if (availability.opens_at && !availability.open) return t("people_back", { when: upcoming(availability.opens_at) });
    return t("people_away");
  }
}
