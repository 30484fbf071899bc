// A scripted assistant for looking at the widget by hand: one answer of each kind, by the words it is asked.
import type { MockConversation, MockDesk } from "./mock-desk";
import type { Message } from "../src/app/types";

const BOT = { type: "bot" as const, name: null };
const ANNA = { type: "agent" as const, name: "Anna Lindqvist" };
const SYSTEM = { type: "system" as const, name: null };

const PASSAGE =
  "Standard parcels take two to four working days. If yours has not arrived after six, tell us the order number and we look for it with the carrier, or send a new one.";

export function playBot(desk: MockDesk, conversation: MockConversation): void {
  const asked = conversation.messages.at(-1);
  if (!asked || conversation.owner !== "bot") return;
  setTimeout(() => {
    if (conversation.owner !== "bot") return;
    for (const part of reply(asked)) desk.write(conversation, { author: BOT, ...part });
    if (/agent|person/i.test(asked.text) || asked.payload.action?.value === "ask_person") handOver(desk, conversation);
  }, 1200);
}

function reply(asked: Message): Partial<Message>[] {
  const text = asked.text.toLowerCase();
  const action = asked.payload.action;
  if (action && typeof action.value === "object") {
    return [{ kind: "ticket", text: "Thank you. I have made a ticket for you.", payload: { ticket: { number: "T-1042" } } }];
  }
  if (text.includes("parcel")) {
    const source = { article_id: "a1", version: 3, locale: "en", passage: PASSAGE, score: 0.83, title: "When will my parcel arrive?", url: "/help/when-will-my-parcel-arrive" };
    return [
      { kind: "article", text: PASSAGE, payload: { sources: [source] } },
      { kind: "buttons", text: "Did this help?", payload: { buttons: [{ label: "Yes, thank you", value: "helpful" }, { label: "No", value: "unhelpful" }] } },
    ];
  }
  if (text.includes("broken") || text.includes("ticket")) {
    const fields = [
      { name: "description", type: "textarea", label: "What happened?", required: true },
      { name: "order", type: "text", label: "Order number, if you have one", required: false },
      { name: "email", type: "email", label: "E-mail for the answer", required: true },
    ];
    return [{ kind: "form", text: "I am sorry to hear that. Please tell me a little more, and I open a ticket.", payload: { form: { fields } } }];
  }
  if (text.includes("link")) return [{ text: "See https://example.com/a?b=1, or (http://example.org/x). Not javascript:alert(1) <b>bold</b>." }];
  const buttons = [
    { label: "Talk to a person", value: "ask_person" },
    { label: "Open a ticket", value: "open_ticket" },
  ];
  return [{ kind: "buttons", text: "I have no good answer to that, and I would rather not guess. What would you like to do?", payload: { buttons, abstained: true } }];
}

function handOver(desk: MockDesk, conversation: MockConversation): void {
  desk.own(conversation, "queue", { queue: { position: 2, wait: { min_s: 120, max_s: 300 } } });
  desk.write(conversation, { author: SYSTEM, kind: "notice", text: "You are in the queue. A person will be with you soon.", payload: { notice: "queued" } });
  setTimeout(() => {
    desk.own(conversation, "agent", { agent: { name: ANNA.name } });
    desk.write(conversation, { author: SYSTEM, kind: "notice", text: "Anna Lindqvist has joined.", payload: { notice: "agent_joined" } });
    desk.tell(conversation, { type: "typing", conversation_id: conversation.id, author: "agent" });
    setTimeout(() => desk.write(conversation, { author: ANNA, text: "Hello, this is Anna. I have read what you wrote, one moment please." }), 2500);
  }, 5000);
}
