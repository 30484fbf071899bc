// The visitor's tickets over the chat: number, subject, how far it is, and what was written about it.
import { t, type Key } from "../i18n";
import { moment } from "../time";
import type { Page, Ticket } from "../types";
import { h, icon, say, show } from "./dom";
import { textNodes } from "./message";

const STAGES = ["received", "understood", "in_work", "with_others", "solved", "confirmed"] as const;

export class Tickets {
  readonly element: HTMLElement;
  private readonly title = h("h2", { tabindex: "-1" });
  private readonly list = h("div", { class: "ticket-list", "aria-live": "polite", "data-testid": "tickets" });
  private readonly back: HTMLButtonElement;

  constructor(
    private readonly load: () => Promise<unknown>,
    private readonly closed: () => void,
  ) {
    this.back = h("button", { class: "icon-button", type: "button", "data-testid": "tickets-back" }, icon("back"));
    this.back.addEventListener("click", () => this.close());
    const head = h("div", { class: "panel-head" }, this.back, this.title);
    this.element = h("section", { class: "tickets", hidden: true }, head, this.list);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  async open(): Promise<void> {
    show(this.element, true);
    this.render();
    this.title.focus();
    this.list.replaceChildren(h("p", { class: "quiet" }, t("loading")));
    try {
      const tickets = ((await this.load()) as Page<Ticket>).items;
      const empty = h("p", { class: "quiet" }, icon("ticket"), t("tickets_none"));
      this.list.replaceChildren(...(tickets.length > 0 ? tickets.map(ticketElement) : [empty]));
    } catch {
      const retry = h("button", { class: "text-button", type: "button", onclick: () => void this.open() }, t("retry"));
      this.list.replaceChildren(h("p", { class: "quiet" }, t("tickets_error"), " ", retry));
    }
  }

  close(): void {
    show(this.element, false);
    this.closed();
  }

  render(): void {
    say(this.title, t("my_tickets"));
    this.back.setAttribute("aria-label", t("back"));
    this.back.setAttribute("title", t("back"));
    this.element.setAttribute("aria-label", t("my_tickets"));
  }
}

function ticketElement(ticket: Ticket): HTMLElement {
  const stage = STAGES.find((one) => one === ticket.stage);
  const name = stage ? t(`stage_${stage}` as Key) : ticket.stage;
  const element = h(
    "article",
    { class: "ticket", "data-testid": "ticket", "data-number": ticket.number, "data-stage": ticket.stage },
    h("p", { class: "ticket-top" }, h("strong", {}, ticket.number), h("span", { class: `stage stage-${ticket.stage}` }, name)),
    h("h3", {}, ticket.subject),
    progress(stage, name),
    h("p", { class: "ticket-time" }, t("ticket_updated", { when: moment(ticket.updated_at) })),
  );
  for (const comment of ticket.comments ?? []) {
    const by = comment.author.type === "customer" ? t("you") : (comment.author.name ?? t("owner_agent"));
    const text = h("p", { class: "text" }, ...textNodes(comment.text));
    element.append(h("div", { class: "comment" }, h("p", { class: "author" }, `${by} · ${moment(comment.created_at)}`), text));
  }
  return element;
}

/** One bar per stage; "with others" stands on the same step as "in work". */
function progress(stage: string | undefined, name: string): HTMLElement {
  const steps = STAGES.filter((one) => one !== "with_others");
  const at = steps.findIndex((one) => one === (stage === "with_others" ? "in_work" : stage));
  const bars = steps.map((_, index) => h("span", { class: index <= at ? "is-done" : null }));
  return h("div", { class: "steps", role: "img", "aria-label": `${t("ticket_stage")}: ${name}` }, ...bars);
}
