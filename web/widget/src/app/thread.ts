// From what was said and what is on its way to the rows of the list: order, days, groups, what can be clicked.
import type { Parcel } from "./outbox";
import { sameDay } from "./time";
import type { Timeline } from "./timeline";
import type { Action, Message, Values } from "./types";

/** `waiting`: not sent, and nothing can be sent just now. */
export type Delivery = "received" | "sent" | "sending" | "waiting" | "failed";

export interface MessageRow {
  type: "message";
  key: string;
  message: Message;
  /** Not yet on the server: no number, no id. */
  pending: boolean;
  delivery: Delivery;
  /** Why it was refused. */
  detail: string;
  /** Its buttons or its form can be used. */
  live: boolean;
  /** The value of the button that was clicked. */
  chosen: string | null;
  /** What was entered in its form. */
  values: Values | null;
  recalled: boolean;
  /** First and last of a run by the same author. */
  first: boolean;
  last: boolean;
}

export interface DayRow {
  type: "day";
  key: string;
  at: string;
}

export type Row = MessageRow | DayRow;

interface Entry {
  message: Message;
  parcel: Parcel | null;
  shown: boolean;
}

const GROUP_WITHIN_MS = 5 * 60_000;
/** A notice that only comments on the customer's own words leaves the buttons above it alive. */
const HARMLESS_NOTICES = new Set(["masked"]);

export function rowsOf(timelines: readonly Timeline[], parcels: readonly Parcel[], stalled = false): Row[] {
  const entries = entriesOf(timelines, parcels);
  const actions = actionsOf(entries);
  const recalled = recalledOf(timelines);
  const live = liveIds(entries, actions);
  const sent = entries.filter((entry) => isOwn(entry) && !entry.parcel).at(-1);
  const rows: Row[] = [];
  let before: Message | null = null;
  for (const [index, entry] of entries.entries()) {
    const { message } = entry;
    if (!before || !sameDay(before.created_at, message.created_at)) {
      rows.push({ type: "day", key: `day:${keyOf(message)}`, at: message.created_at });
    }
    const next = entries[index + 1]?.message;
    const action = actions.get(message.id);
    rows.push({
      ...{ type: "message", key: keyOf(message), message, pending: !entry.shown },
      ...{ delivery: deliveryOf(entry, sent, stalled), detail: entry.parcel?.failed ?? "" },
      live: live.has(message.id),
      chosen: typeof action?.value === "string" ? action.value : null,
      values: typeof action?.value === "object" ? action.value : (message.payload.form?.values ?? null),
      recalled: recalled.has(`${message.conversation_id}/${message.seq}`),
      first: !before || !together(before, message),
      last: !next || !together(message, next),
    });
    before = message;
  }
  return rows;
}

/** The shown messages, then our own that wait behind a gap, then what has not reached the server. */
function entriesOf(timelines: readonly Timeline[], parcels: readonly Parcel[]): Entry[] {
  const shown = timelines.flatMap((timeline) => timeline.items).filter((message) => !isChange(message));
  const held = (timelines.at(-1)?.held ?? []).filter((message) => message.author.type === "customer");
  const known = new Set([...shown, ...held].map((message) => message.client_id));
  const waiting = parcels.filter((parcel) => !known.has(parcel.client_id));
  return [
    ...shown.map((message) => ({ message: complete(message), parcel: null, shown: true })),
    ...held.map((message) => ({ message: complete(message), parcel: null, shown: false })),
    ...waiting.map((parcel) => ({ message: asMessage(parcel), parcel, shown: false })),
  ];
}

/** The server may leave out what is empty. */
function complete(message: Message): Message {
  const loose = message as Partial<Message>;
  if (loose.payload && loose.attachments) return message;
  return { ...message, payload: loose.payload ?? {}, attachments: loose.attachments ?? [] };
}

function asMessage(parcel: Parcel): Message {
  const action = "action" in parcel.body ? { action: parcel.body.action } : {};
  return {
    ...{ id: "", conversation_id: "", seq: 0, author: { type: "customer", name: null } },
    kind: parcel.kind === "handoff" ? "asking" : parcel.attachments ? "file" : "text",
    ...{ text: parcel.label, payload: action, attachments: parcel.attachments ?? [] },
    ...{ client_id: parcel.client_id, created_at: parcel.created_at },
  };
}

function keyOf(message: Message): string {
  const own = message.author.type === "customer" && message.client_id;
  return own ? `own:${own}` : `${message.conversation_id}/${message.seq}`;
}

const isOwn = (entry: Entry): boolean => entry.message.author.type === "customer";

function deliveryOf(entry: Entry, lastSent: Entry | undefined, stalled: boolean): Delivery {
  if (entry.parcel) return entry.parcel.failed !== undefined ? "failed" : stalled ? "waiting" : "sending";
  return entry === lastSent ? "sent" : "received";
}

function actionsOf(entries: Entry[]): Map<string, Action> {
  const actions = new Map<string, Action>();
  for (const { message, parcel } of entries) {
    const action = message.payload.action;
    if (action && parcel?.failed === undefined) actions.set(action.message_id, action);
  }
  return actions;
}

/** An item that only changes an older one has nothing to show for itself. */
function isChange(message: Message): boolean {
  return targetOf(message) !== undefined && (message.kind === "tombstone" || !message.text);
}

const targetOf = (message: Message): number | undefined => (message.payload as Partial<Message["payload"]> | undefined)?.target_seq;

function recalledOf(timelines: readonly Timeline[]): Set<string> {
  const tombstones = timelines.flatMap((timeline) => timeline.items).filter((message) => message.kind === "tombstone");
  return new Set(tombstones.map((message) => `${message.conversation_id}/${targetOf(message) ?? message.seq}`));
}

/** Buttons live on the latest message only; a form lives until it is answered or another one is asked. */
function liveIds(entries: Entry[], actions: Map<string, Action>): Set<string> {
  const live = new Set<string>();
  const accepted = entries.filter(({ parcel }) => parcel?.failed === undefined);
  const said = accepted.filter(({ message }) => !HARMLESS_NOTICES.has(message.payload.notice ?? ""));
  const latest = said.at(-1)?.message;
  const form = said.filter(({ message }) => message.payload.form).at(-1)?.message;
  if (latest?.id && !actions.has(latest.id)) live.add(latest.id);
  if (form?.id && !actions.has(form.id) && !form.payload.form?.values) live.add(form.id);
  return live;
}

function together(a: Message, b: Message): boolean {
  const sameAuthor = a.author.type === b.author.type && a.author.name === b.author.name;
  const close = Date.parse(b.created_at) - Date.parse(a.created_at) < GROUP_WITHIN_MS;
  return sameAuthor && close && a.author.type !== "system" && a.kind !== "asking" && b.kind !== "asking";
}
