// One message as an element: the bubble, what belongs to its kind, and the line about its delivery.
import { t } from "../i18n";
import { pieces } from "../linkify";
import type { MessageRow } from "../thread";
import { clock, full } from "../time";
import type { Attachment, Button, Message, Values } from "../types";
import { article } from "./article";
import { h, icon, link, set } from "./dom";
import { failure } from "./failure";
import { fileChip } from "./files";
import { form } from "./form";

export interface MessageActions {
  click: (message: Message, button: Button) => void;
  submit: (message: Message, values: Values) => void;
  discard: (clientId: string) => void;
  openFile: (attachment: Attachment) => void;
  openTickets: () => void;
}

/** What the body is built from. While it stays the same the element stays too, and is not read out again. */
export function bodySignature({ message, recalled }: MessageRow): string {
  return JSON.stringify([message.kind, message.text, message.payload, message.attachments, recalled]);
}

export function messageElement(row: MessageRow, actions: MessageActions): HTMLElement {
  const { message } = row;
  const foot = h("div", { class: "message-foot" });
  const element = h("div", { class: "message", "data-testid": "message" }, ...body(row, actions), foot);
  set(element, "data-author", message.author.type);
  set(element, "data-kind", row.recalled ? "tombstone" : message.kind);
  return element;
}

/** The parts that change while the message stays what it is. */
export function refresh(element: HTMLElement, row: MessageRow, actions: MessageActions): void {
  const { message } = row;
  set(element, "data-seq", row.pending && !message.seq ? null : message.seq);
  set(element, "data-conversation", message.conversation_id || null);
  set(element, "data-state", row.delivery === "waiting" ? "sending" : row.delivery);
  element.classList.toggle("is-first", row.first);
  element.classList.toggle("is-last", row.last);
  refreshChoices(element, row);
  refreshForm(element, row, actions);
  const foot = element.querySelector<HTMLElement>(".message-foot");
  if (foot) footer(foot, row, actions);
}

function body(row: MessageRow, actions: MessageActions): HTMLElement[] {
  const { message } = row;
  if (row.recalled) return [bubble(message, h("p", { class: "recalled" }, t("recalled")))];
  if (message.kind === "asking") return [h("p", { class: "notice" }, icon("clock"), t("asking_person"))];
  if (message.kind === "notice" || message.author.type === "system") return notice(row, actions);
  const parts: HTMLElement[] = [bubble(message, ...content(row, actions))];
  if (message.payload.buttons?.length) parts.push(choices(message, message.payload.buttons, actions));
  return parts;
}

function notice(row: MessageRow, actions: MessageActions): HTMLElement[] {
  const { message } = row;
  const parts: HTMLElement[] = [h("p", { class: "notice" }, h("span", {}, ...textNodes(message.text)))];
  if (message.payload.ticket) parts.push(ticketCard(message, actions));
  if (message.payload.buttons?.length) parts.push(choices(message, message.payload.buttons, actions));
  return parts;
}

function bubble(message: Message, ...children: HTMLElement[]): HTMLElement {
  const own = message.author.type === "customer";
  const name = own ? t("you") : authorName(message);
  return h(
    "div",
    { class: "turn" },
    own ? null : avatar(message),
    h(
      "div",
      { class: "turn-body" },
      own ? null : h("p", { class: "author", "aria-hidden": "true" }, name),
      h("div", { class: "bubble" }, h("span", { class: "hidden-text" }, t("said", { name })), ...children),
    ),
  );
}

export function authorName(message: Message): string {
  if (message.author.type === "bot") return t("owner_bot");
  return message.author.name?.trim() ? message.author.name : t("owner_agent");
}

function avatar(message: Message): HTMLElement {
  const bot = message.author.type === "bot";
  const sign = bot ? icon("spark") : authorName(message).slice(0, 1).toUpperCase();
  return h("span", { class: `avatar avatar-${message.author.type}`, "aria-hidden": "true" }, sign);
}

function content(row: MessageRow, actions: MessageActions): HTMLElement[] {
  const { message } = row;
  const parts: HTMLElement[] = [];
  if (message.text) parts.push(h("p", { class: "text" }, ...textNodes(message.text)));
  for (const source of message.payload.sources ?? []) parts.push(article(source, message.text));
  if (message.payload.form) parts.push(h("div", { class: "form-slot" }));
  if (message.payload.ticket) parts.push(ticketCard(message, actions));
  for (const attachment of message.attachments) parts.push(fileChip(attachment, actions.openFile));
  if (parts.length === 0) parts.push(h("p", { class: "text" }, "…"));
  return parts;
}

export function textNodes(text: string): (Node | string)[] {
  return pieces(text).map((piece) => (piece.href ? link(piece.href, t("opens_new"), piece.text) : piece.text));
}

function choices(message: Message, buttons: Button[], actions: MessageActions): HTMLElement {
  const group = h("div", { class: "choices", role: "group", "aria-label": t("choose"), "data-testid": "choices" });
  for (const button of buttons) {
    const attributes = { class: "choice", type: "button", "data-value": button.value, "data-testid": "choice" };
    const element = h("button", attributes, icon("check"), button.label);
    element.addEventListener("click", () => {
      for (const one of group.querySelectorAll("button")) one.disabled = true;
      actions.click(message, button);
    });
    group.append(element);
  }
  return group;
}

function refreshChoices(element: HTMLElement, { live, chosen }: MessageRow): void {
  for (const button of element.querySelectorAll<HTMLButtonElement>(".choice")) {
    button.disabled = !live;
    set(button, "aria-pressed", chosen === null ? null : String(chosen === button.dataset["value"]));
  }
}

function refreshForm(element: HTMLElement, { message, live, values }: MessageRow, actions: MessageActions): void {
  const slot = element.querySelector<HTMLElement>(".form-slot");
  const open = live && values === null;
  const signature = JSON.stringify([open, values]);
  if (!slot || slot.dataset["signature"] === signature) return;
  slot.dataset["signature"] = signature;
  slot.replaceChildren(form(message, open, values, (given) => actions.submit(message, given)));
}

function ticketCard(message: Message, actions: MessageActions): HTMLElement {
  const number = message.payload.ticket?.number ?? "";
  const open = h("button", { class: "text-button", type: "button", onclick: actions.openTickets }, t("ticket_view"));
  const words = h("span", { class: "card-words" }, h("strong", {}, t("ticket", { number })), open);
  return h("div", { class: "card", "data-testid": "ticket-card", "data-number": number }, icon("ticket"), words);
}

function footer(foot: HTMLElement, row: MessageRow, actions: MessageActions): void {
  const { message } = row;
  const signature = `${row.delivery}/${row.detail}/${row.last}/${message.created_at}/${message.kind}`;
  if (foot.dataset["signature"] === signature) return;
  foot.dataset["signature"] = signature;
  foot.replaceChildren();
  if (row.delivery === "failed") {
    foot.append(failure(row.detail || t("failed_default"), () => { actions.discard(message.client_id ?? ""); }));
  } else if (message.kind !== "notice" && message.kind !== "asking" && (row.last || row.delivery !== "received")) {
    const time = h("time", { datetime: message.created_at, title: full(message.created_at) }, clock(message.created_at));
    foot.append(time);
    const state = row.delivery === "received" ? null : row.delivery;
    if (state) foot.append(h("span", { class: `state state-${state}` }, icon(state === "sent" ? "check" : "clock"), t(state)));
  }
}
