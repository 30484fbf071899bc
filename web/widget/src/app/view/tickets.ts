// The visitor's tickets over the chat: number, subject, how far it is, and what was written about it.
import { t } from "../i18n";
import { moment } from "../time";
import type { Comment, Page, Ticket } from "../types";
import { h, icon, say, show } from "./dom";
import { textNodes } from "./message";

const PATH = "/api/visitor/tickets";
const STAGES = ["received", "understood", "in_work", "with_others", "solved", "confirmed"] as const;

export class Tickets {
  readonly element: HTMLElement;
  private readonly title = h("h2", { tabindex: "-1" });
  private readonly list = h("div", { class: "ticket-list", "aria-live": "polite", "data-testid": "tickets" });
  private readonly back: HTMLButtonElement;

  constructor(
    private readonly get: (path: string) => Promise<unknown>,
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
      const tickets = ((await this.get(PATH)) as Page<Ticket>).items;
      const empty = h("p", { class: "quiet" }, icon("ticket"), t("tickets_none"));
      this.list.replaceChildren(...(tickets.length > 0 ? tickets.map((ticket) => this.ticket(ticket)) : [empty]));
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

  private ticket(ticket: Ticket): HTMLElement {
    const stage = STAGES.find((one) => one === ticket.stage);
    const name = stage ? t(`stage_${stage}`) : ticket.stage;
    return h(
      "article",
      { class: "ticket", "data-testid": "ticket", "data-number": ticket.number, "data-stage": ticket.stage },
      h("p", { class: "ticket-top" }, h("strong", {}, ticket.number), h("span", { class: `stage stage-${ticket.stage}` }, name)),
      h("h3", {}, ticket.subject),
      progress(stage, name),
      h("p", { class: "ticket-time" }, t("ticket_updated", { when: moment(ticket.updated_at) })),
      ...this.comments(ticket),
    );
  }

  /** What was written about a ticket is read when somebody wants to see it. */
  private comments(ticket: Ticket): HTMLElement[] {
    const box = h("div", { class: "comments", hidden: true });
    const toggle = h("button", { class: "text-button", type: "button", "aria-expanded": "false", "data-testid": "ticket-open" });
    toggle.textContent = t("ticket_open");
    toggle.addEventListener("click", () => {
      show(box, box.hidden !== false);
      toggle.setAttribute("aria-expanded", String(!box.hidden));
      toggle.textContent = t(box.hidden ? "ticket_open" : "ticket_close");
      if (!box.hidden) void this.fill(box, ticket.number);
    });
    return [toggle, box];
  }

  private async fill(box: HTMLElement, number: string): Promise<void> {
    try {
      const { comments = [] } = (await this.get(`${PATH}/${encodeURIComponent(number)}`)) as Ticket;
      const silent = h("p", { class: "ticket-time" }, t("ticket_silent"));
      box.replaceChildren(...(comments.length > 0 ? comments.map(commentElement) : [silent]));
    } catch {
      box.replaceChildren(h("p", { class: "ticket-time" }, t("tickets_error")));
    }
  }
}

function commentElement({ author, text, created_at }: Comment): HTMLElement {
  const by = author.type === "customer" ? t("you") : (author.name ?? t("owner_agent"));
  const words = h("p", { class: "text" }, ...textNodes(text));
  return h("div", { class: "comment" }, h("p", { class: "author" }, `${by} · ${moment(created_at)}`), words);
}

/** One bar per stage; "with others" stands on the same step as "in work". */
function progress(stage: string | undefined, name: string): HTMLElement {
  const steps = STAGES.filter((one) => one !== "with_others");
  const at = steps.findIndex((one) => one === (stage === "with_others" ? "in_work" : stage));
  const bars = steps.map((_, index) => h("span", { class: index <= at ? "is-done" : null }));
  return h("div", { class: "steps", role: "img", "aria-label": `${t("ticket_stage")}: ${name}` }, ...bars);
}
