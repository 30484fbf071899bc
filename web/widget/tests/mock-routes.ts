// The mock server's visitor routes, as the public API describes them.
import { MockDesk, publicView, type MockConversation } from "./mock-desk";
import type { Action, Button, Message } from "../src/app/types";

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    readonly more: object = {},
  ) {
    super(type);
  }
}

interface Request {
  method: string;
  url: URL;
  token: string;
  body: unknown;
}

type Answer = [status: number, body: unknown];
type Bot = (desk: MockDesk, conversation: MockConversation) => void;
interface Posted {
  client_id: string;
  text?: string;
  action?: Action;
  file_ids?: string[];
}

const INBOX = { key: "default", name: "Hearth & Hollow", languages: ["en", "zh"], online: true };

export function routes(desk: MockDesk, request: Request, bot?: Bot): Answer {
  const path = request.url.pathname;
  if (path === "/api/visitor/sessions") return session(desk, request);
  const visitor = desk.tokens.get(request.token);
  if (visitor === undefined) throw new Refusal(401, "not-signed-in");
  if (path === "/api/visitor/availability") return [200, { online: true, open: true, opens_at: null, agents: 2 }];
  if (path === "/api/visitor/tickets") return [200, { items: desk.tickets, next: null }];
  if (path.startsWith("/api/visitor/tickets/")) return [200, desk.tickets.find((one) => path.endsWith(`/${one.number}`))];
  if (path === "/api/visitor/files") return upload(desk, request.body as { content: Buffer; type: string });
  if (path.startsWith("/api/files/")) return [200, desk.files.get(path.split("/").at(-1) ?? "")?.content ?? Buffer.alloc(0)];
  if (path === "/api/visitor/conversations") {
    if (request.method === "GET") return [200, { items: desk.of(visitor).map(publicView), next: null }];
    return [201, publicView(desk.make(visitor, (request.body as Posted).client_id))];
  }
  const [, id, rest] = /^\/api\/visitor\/conversations\/([^/]+)\/(\w+)$/.exec(path) ?? [];
  const conversation = desk.of(visitor).find((one) => one.id === id);
  if (!conversation) throw new Refusal(404, "not-found");
  if (rest === "messages") return messages(desk, conversation, request, bot);
  if (rest === "handoff") return handoff(desk, conversation, request);
  if (rest === "read") {
    conversation.read = (request.body as { seq: number }).seq;
    return [204, null];
  }
  throw new Refusal(404, "not-found");
}

function session(desk: MockDesk, request: Request): Answer {
  if (request.method === "DELETE") {
    desk.tokens.delete(request.token);
    return [204, null];
  }
  const { identity_token } = request.body as { identity_token?: string };
  if (identity_token === "bad") throw new Refusal(401, "identity-refused");
  const before = desk.tokens.get(request.token);
  const token = desk.newSession();
  const visitor = identity_token ? `customer-${identity_token}` : (desk.tokens.get(token) ?? "");
  desk.tokens.set(token, visitor);
  if (identity_token && before && !before.startsWith("customer-")) {
    for (const one of desk.of(before)) one.visitor = visitor;
    desk.tokens.delete(request.token);
  }
  const conversations = desk.of(visitor).map(publicView);
  return [201, { token, customer_id: identity_token ? visitor : null, conversations, inbox: INBOX }];
}

function messages(desk: MockDesk, conversation: MockConversation, request: Request, bot?: Bot): Answer {
  if (request.method === "GET") return [200, { items: page(conversation, request.url.searchParams), next: null }];
  const posted = request.body as Posted;
  desk.posts.push(posted.client_id);
  const known = conversation.messages.find((one) => one.client_id === posted.client_id);
  if (known) return [200, known];
  if (conversation.closed) throw new Refusal(409, "conversation-closed", { successor_id: conversation.closed });
  if (posted.text === "refuse me") throw new Refusal(422, "refused", { detail: "This text is not accepted." });
  const written = desk.write(conversation, { author: { type: "customer", name: null }, client_id: posted.client_id, ...content(desk, conversation, posted) });
  bot?.(desk, conversation);
  return [201, written];
}

function content(desk: MockDesk, conversation: MockConversation, posted: Posted): Partial<Message> {
  if (posted.action) return { text: labelOf(conversation, posted.action), payload: { action: posted.action } };
  if (!posted.file_ids) return { text: posted.text ?? "" };
  const attachments = posted.file_ids.flatMap((id) => {
    const file = desk.files.get(id);
    return file ? [{ id, name: file.name, mime: file.mime, size: file.size, url: `/api/files/${id}` }] : [];
  });
  return { kind: "file", attachments };
}

function labelOf(conversation: MockConversation, { message_id, value }: Action): string {
  if (typeof value !== "string") return Object.values(value).filter(Boolean).join("\n");
  const asked = conversation.messages.find((one) => one.id === message_id);
  return asked?.payload.buttons?.find((one: Button) => one.value === value)?.label ?? value;
}

function page({ messages }: MockConversation, query: URLSearchParams): Message[] {
  const limit = Number(query.get("limit") ?? 50);
  const after = query.get("after");
  if (after !== null) return messages.filter((one) => one.seq > Number(after)).slice(0, limit);
  const before = Number(query.get("before") ?? Infinity);
  return messages.filter((one) => one.seq < before).slice(-limit);
}

function handoff(desk: MockDesk, conversation: MockConversation, request: Request): Answer {
  if (request.method === "DELETE") {
    desk.own(conversation, "bot");
    return [200, publicView(conversation)];
  }
  conversation.handoffs.push((request.body as Posted).client_id);
  desk.own(conversation, "queue", { queue: { position: 2, wait: { min_s: 120, max_s: 300 } } });
  const author = { type: "system" as const, name: null };
  desk.write(conversation, { author, kind: "notice", text: "You are in the queue. A person will be with you soon.", payload: { notice: "queued" } });
  return [200, { conversation: publicView(conversation) }];
}

/** Enough of multipart to find the one file in it. */
function upload(desk: MockDesk, { content, type }: { content: Buffer; type: string }): Answer {
  const boundary = `\r\n--${type.split("boundary=")[1] ?? ""}`;
  const start = content.indexOf('name="file"');
  const head = content.subarray(start, content.indexOf("\r\n\r\n", start)).toString();
  const from = content.indexOf("\r\n\r\n", start) + 4;
  const bytes = content.subarray(from, content.indexOf(boundary, from));
  const id = `f${desk.files.size + 1}`;
  const name = /filename="([^"]*)"/.exec(head)?.[1] ?? "file";
  const mime = /Content-Type: (\S+)/.exec(head)?.[1] ?? "application/octet-stream";
  const file = { id, name, mime, size: bytes.length, content: bytes };
  desk.files.set(id, file);
  return [201, { id, name, mime, size: file.size }];
}
