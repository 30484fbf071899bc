// What becomes of messages and parcels on screen: order, buttons, forms, withdrawals, groups.
import { describe, expect, it } from "vitest";
import type { Parcel } from "../src/app/outbox";
import { rowsOf, type MessageRow } from "../src/app/thread";
import { Timeline } from "../src/app/timeline";
import type { Message } from "../src/app/types";
import { message } from "./support";

const CUSTOMER = { author: { type: "customer" as const, name: null } };
const AGENT = { author: { type: "agent" as const, name: "Tomas" } };
const CHOICES = { buttons: [{ label: "Yes", value: "affirm" }, { label: "No", value: "deny" }] };
const FORM = { form: { fields: [{ name: "email", type: "email", label: "E-mail", required: true }] } };

function timelineOf(items: Message[]): Timeline {
  const timeline = new Timeline("c1");
  timeline.startWith(items, 40);
  return timeline;
}

const parcel = (id: string, more: Partial<Parcel> = {}): Parcel => ({
  ...{ client_id: id, kind: "message", body: { text: id }, label: id, created_at: "2026-11-23T06:01:00.000Z" },
  ...more,
});

const rows = (items: Message[], parcels: Parcel[] = []): MessageRow[] =>
  rowsOf([timelineOf(items)], parcels).filter((row): row is MessageRow => row.type === "message");

describe("the rows", () => {
  it("show what is on its way at the end, and once when both are known", () => {
    const shown = rows([message(1), message(2, { ...CUSTOMER, client_id: "a" })], [parcel("a"), parcel("b")]);
    expect(shown.map((row) => [row.message.text, row.delivery])).toEqual([
      ...[["number 1", "received"], ["number 2", "sent"], ["b", "sending"]],
    ]);
  });

  it("keep the key of a message while it goes from being sent to having been sent", () => {
    const before = rows([], [parcel("a")])[0]?.key;
    expect(rows([message(1, { ...CUSTOMER, client_id: "a" })])[0]?.key).toBe(before);
  });

  it("show our own message that the server has numbered beyond a gap", () => {
    const timeline = timelineOf([message(1)]);
    timeline.offer(message(3, { ...CUSTOMER, client_id: "a", text: "mine" }));
    timeline.offer(message(4, { text: "theirs" }));
    const texts = rowsOf([timeline], []).flatMap((row) => (row.type === "message" ? [row.message.text] : []));
    expect(texts).toEqual(["number 1", "mine"]);
  });

  it("leave buttons usable on the latest message only", () => {
    const asked = message(1, { kind: "buttons", payload: CHOICES });
    expect(rows([asked])[0]?.live).toBe(true);
    expect(rows([asked, message(2)])[0]?.live).toBe(false);
    expect(rows([asked], [parcel("a")])[0]?.live).toBe(false);
    expect(rows([asked, message(2, { kind: "notice", payload: { notice: "agent_joined" } })])[0]?.live).toBe(false);
    expect(rows([asked, message(2, { kind: "notice", payload: { notice: "masked" } })])[0]?.live).toBe(true);
  });

  it("give buttons back when the click was refused, and mark the one that was chosen", () => {
    const asked = message(1, { payload: CHOICES });
    const click = { action: { message_id: "m1", value: "affirm" } };
    expect(rows([asked], [parcel("a", { body: click })])[0]).toMatchObject({ live: false, chosen: "affirm" });
    expect(rows([asked], [parcel("a", { body: click, failed: "no" })])[0]).toMatchObject({ live: true, chosen: null });
    expect(rows([asked, message(2, { ...CUSTOMER, payload: click })])[0]).toMatchObject({ live: false, chosen: "affirm" });
  });

  it("keep a form usable until it is answered, then show what was entered", () => {
    const asked = message(1, { kind: "form", payload: FORM });
    const answer = { action: { message_id: "m1", value: { email: "mia@example.org" } } };
    expect(rows([asked, message(2)])[0]?.live).toBe(true);
    const answered = rows([asked, message(2, { ...CUSTOMER, payload: answer })])[0];
    expect(answered).toMatchObject({ live: false, values: { email: "mia@example.org" } });
  });

  it("withdraw a message by a later item, which has no row of its own", () => {
    const shown = rows([message(1), message(2), message(3, { kind: "tombstone", text: "", payload: { target_seq: 1 } })]);
    expect(shown.map((row) => row.recalled)).toEqual([true, false]);
    expect(rows([message(1, { kind: "tombstone", text: "" })])[0]?.recalled).toBe(true);
  });

  it("group a run by one author, and begin each day with its name", () => {
    const next = { created_at: "2026-11-24T06:00:00.000Z" };
    const all = rowsOf([timelineOf([message(1), message(2), message(3, AGENT), message(4, { ...AGENT, ...next })])], []);
    expect(all.map((row) => row.type)).toEqual(["day", "message", "message", "message", "day", "message"]);
    const runs = all.flatMap((row) => (row.type === "message" ? [[row.first, row.last]] : []));
    expect(runs).toEqual([[true, false], [false, true], [true, true], [true, true]]);
  });

  it("live with a server that leaves out what is empty", () => {
    const bare = { ...message(1) } as Partial<Message>;
    delete bare.payload;
    delete bare.attachments;
    expect(rows([bare as Message])[0]?.message).toMatchObject({ payload: {}, attachments: [] });
  });
});
