// The top of the chat: whom you are talking to, your place in the queue, the way to a person, menu and close.
import type { Desk } from "../desk";
import { currentLanguage, t, type Language } from "../i18n";
import type { QueuePlace } from "../types";
import { h, icon, say, set, show } from "./dom";
import { Menu, type MenuItem } from "./menu";

export interface HeaderActions {
  askPerson: () => void;
  leaveQueue: () => void;
  showTickets: () => void;
  speak: (language: Language) => void;
  logOut: () => void;
  /** Null where the chat is a page of its own and there is nothing to close. */
  close: (() => void) | null;
}

export class Header {
  readonly element: HTMLElement;
  readonly queue = h("p", { class: "queue", role: "status", "data-testid": "queue", hidden: true });
  readonly menu: Menu;
  private readonly face = h("span", { class: "face", "aria-hidden": "true" });
  private readonly name = h("h1", { class: "inbox-name" });
  private readonly owner = h("p", { class: "owner", role: "status", "data-testid": "owner" });
  /** Stands above the line one writes in, always in sight while the assistant answers. */
  readonly ask: HTMLButtonElement;
  private readonly askLabel = h("span", {});
  private readonly closeButton: HTMLButtonElement | null;
  private readonly queueWords = h("span", {});
  private readonly leave: HTMLButtonElement;

  constructor(
    private readonly desk: Desk,
    private readonly actions: HeaderActions,
  ) {
    this.ask = h("button", { class: "ask", type: "button", "data-testid": "ask-person", onclick: actions.askPerson });
    this.ask.append(icon("person"), this.askLabel);
    this.menu = new Menu(() => this.items());
    this.closeButton = actions.close && h("button", { class: "icon-button", type: "button", "data-testid": "close", onclick: actions.close }, icon("close"));
    this.leave = h("button", { class: "text-button", type: "button", "data-testid": "leave-queue", onclick: actions.leaveQueue });
    this.queue.append(icon("clock"), this.queueWords, this.leave);
    const who = h("div", { class: "who" }, this.name, this.owner);
    this.element = h("header", { class: "head" }, this.face, who, this.menu.element, this.closeButton);
  }

  render(): void {
    const { conversation, agentName } = this.desk.chat;
    const owner = conversation?.owner ?? "bot";
    say(this.name, this.desk.session.visitor?.inbox?.name ?? t("title"));
    say(this.owner, owner === "agent" ? (agentName ?? t("owner_agent")) : t(owner === "queue" ? "owner_queue" : "owner_bot"));
    set(this.owner, "data-owner", owner);
    show(this.owner, this.desk.phase !== "logged-out");
    const letter = owner === "agent" ? (agentName ?? "").slice(0, 1).toUpperCase() : "";
    const sign = `${owner}:${letter}`;
    if (this.face.dataset["sign"] !== sign) {
      this.face.dataset["sign"] = sign;
      this.face.replaceChildren(letter || icon(owner === "bot" ? "spark" : owner === "queue" ? "clock" : "person"));
    }
    show(this.ask, owner === "bot" && this.desk.phase !== "logged-out");
    this.ask.disabled = this.desk.outbox.list().some((parcel) => parcel.kind === "handoff" && parcel.failed === undefined);
    say(this.askLabel, t("ask_person"));
    this.menu.label(t("menu"));
    if (this.closeButton) {
      set(this.closeButton, "aria-label", t("close"));
      set(this.closeButton, "title", t("close"));
    }
    this.renderQueue(conversation?.queue ?? null);
  }

  private renderQueue(place: QueuePlace | null): void {
    show(this.queue, place !== null);
    if (place) say(this.queueWords, queueWords(place));
    say(this.leave, t("leave"));
    set(this.leave, "aria-label", t("leave_queue"));
  }

  private items(): MenuItem[] {
    const { conversation } = this.desk.chat;
    const owner = conversation?.owner ?? "bot";
    const other: Language = currentLanguage() === "en" ? "zh" : "en";
    const items: (MenuItem | false)[] = [
      owner === "bot" && { id: "ask-person", label: t("ask_person"), icon: "person", run: this.actions.askPerson },
      (owner === "queue" || Boolean(conversation?.queue)) && {
        ...{ id: "leave-queue", label: t("leave_queue"), icon: "leave" as const },
        run: this.actions.leaveQueue,
      },
      { id: "tickets", label: t("my_tickets"), icon: "ticket", run: this.actions.showTickets },
      {
        ...{ id: "language", label: t("other_language"), icon: "language", lang: other === "zh" ? "zh-CN" : "en" },
        run: () => this.actions.speak(other),
      },
      this.desk.session.visitor?.identified === true && {
        ...{ id: "log-out", label: t("log_out"), icon: "leave" as const },
        run: this.actions.logOut,
      },
    ];
    return items.filter((item): item is MenuItem => item !== false);
  }
}

/** "You are number 2 in the queue · 2 to 5 min". */
export function queueWords(place: QueuePlace): string {
  const min = Math.floor((place.wait?.min_s ?? 0) / 60);
  const max = place.wait?.max_s ?? null;
  const words = [t("queue", { position: place.position })];
  if (place.wait) {
    if (max === null) words.push(t("wait_over", { min }));
    else if (min === 0) words.push(t("wait_under", { max: Math.ceil(max / 60) }));
    else words.push(t("wait_between", { min, max: Math.ceil(max / 60) }));
  }
  return words.join(" · ");
}
