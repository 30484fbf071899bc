// What the socket's frames mean: from untrusted JSON to the few kinds of news the desk acts on.
import type { Frame } from "./socket";
import type { Conversation, Message, Owner, QueuePlace } from "./types";

export type Patch = Partial<Omit<Conversation, "id">>;

export type News =
  | { type: "message"; message: Message }
  | { type: "typing"; conversationId: string; bot: boolean }
  | { type: "patch"; conversationId: string; patch: Patch }
  | { type: "heads"; heads: [conversationId: string, seq: number][] }
  | { type: "resync" };

type Dict = Record<string, unknown>;

/** Frames of a kind that is not known mean nothing, and are no error. */
export function newsOf(frame: Frame): News[] {
  const conversationId = text(frame["conversation_id"]);
  switch (frame.type) {
    case "message":
      return isMessage(frame["message"]) ? [{ type: "message", message: frame["message"] }] : [];
    case "typing":
      return typing(frame, conversationId);
    case "owner":
      return [{ type: "patch", conversationId, patch: patchOf(frame) }];
    case "queue":
      return [{ type: "patch", conversationId, patch: { queue: place(frame) } }];
    case "ready":
      return Object.entries(dict(frame["conversations"])).flatMap(([id, value]) => snapshot(id, dict(value)));
    case "ping":
      return [{ type: "heads", heads: heads(frame["heads"]) }];
    case "resync":
      return [{ type: "resync" }];
    default:
      return [];
  }
}

/** The fields of a conversation that a frame or a snapshot carries; those that are absent stay as they were. */
export function patchOf(source: Dict): Patch {
  const patch: Patch = {};
  if (isOwner(source["owner"])) patch.owner = source["owner"];
  if (typeof source["status"] === "string") patch.status = source["status"];
  if (typeof source["read"] === "number") patch.read = source["read"];
  if ("queue" in source) patch.queue = place(dict(source["queue"]));
  if ("agent" in source) {
    const name = text(dict(source["agent"])["name"]);
    patch.agent = name ? { name } : null;
  }
  return patch;
}

function snapshot(id: string, value: Dict): News[] {
  const seq = value["last_seq"];
  const news: News[] = [{ type: "patch", conversationId: id, patch: patchOf(value) }];
  if (typeof seq === "number") news.push({ type: "heads", heads: [[id, seq]] });
  return news;
}

function typing(frame: Frame, conversationId: string): News[] {
  const author = frame["author"];
  if (author === "customer") return [];
  return [{ type: "typing", conversationId, bot: author === "bot" }];
}

function heads(value: unknown): [string, number][] {
  return Object.entries(dict(value)).filter((entry): entry is [string, number] => typeof entry[1] === "number");
}

function place(source: Dict): QueuePlace | null {
  const position = source["position"];
  if (typeof position !== "number") return null;
  const wait = dict(source["wait"]);
  const bounds = { min_s: number(wait["min_s"]), max_s: number(wait["max_s"]) };
  return { position, wait: bounds.min_s === null && bounds.max_s === null ? null : bounds };
}

function isMessage(value: unknown): value is Message {
  const message = dict(value);
  return Number.isInteger(message["seq"]) && typeof message["id"] === "string" && "author" in message;
}

const isOwner = (value: unknown): value is Owner => value === "bot" || value === "queue" || value === "agent";
const dict = (value: unknown): Dict => (typeof value === "object" && value !== null ? (value as Dict) : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
