// The outbox keeps what was written, in order, across reloads and tabs.
import { describe, expect, it } from "vitest";
import { Outbox } from "../src/app/outbox";
import { openStore } from "../src/app/storage";
import { FakeArea, text } from "./support";

function boxes() {
  const area = new FakeArea();
  let now = 1000;
  let id = 0;
  const clock = { now: () => now, newId: () => `id-${++id}` };
  const open = () => new Outbox(openStore("deskhand:default:", area), clock);
  return { area, open, at: (time: number) => (now = time) };
}

describe("the outbox", () => {
  it("hands out the oldest first and survives a reload", () => {
    const { open } = boxes();
    const before = open();
    before.add(text("one"));
    before.add(text("two"));
    const after = open();
    expect(after.list().map((parcel) => parcel.label)).toEqual(["one", "two"]);
    after.remove(after.next()!.client_id);
    expect(after.next()?.label).toBe("two");
  });

  it("keeps the order when the clock goes backwards", () => {
    const { open, at } = boxes();
    const outbox = open();
    outbox.add(text("one"));
    at(10);
    outbox.add(text("two"));
    expect(outbox.list().map((parcel) => parcel.label)).toEqual(["one", "two"]);
  });

  it("loses nothing when two tabs write at once", () => {
    const { open } = boxes();
    const [here, there] = [open(), open()];
    here.add(text("here"));
    there.add(text("there"));
    expect(here.list()).toHaveLength(2);
    expect(there.list()).toHaveLength(2);
  });

  it("skips what was refused, and keeps it for the customer to see", () => {
    const { open } = boxes();
    const outbox = open();
    const refused = outbox.add(text("one"));
    outbox.add(text("two"));
    outbox.fail(refused.client_id, "Too long.");
    expect(outbox.next()?.label).toBe("two");
    expect(outbox.list()[0]?.failed).toBe("Too long.");
  });

  it("drops what cannot be read", () => {
    const { area, open } = boxes();
    area.setItem("deskhand:default:outbox:000000000000001:x", "{broken");
    expect(open().list()).toEqual([]);
    expect(area.length).toBe(0);
  });

  it("works in memory where the browser refuses to store", () => {
    const outbox = new Outbox(openStore("p:", new FakeArea(true)), { now: () => 1, newId: () => "id" });
    outbox.add(text("one"));
    expect(outbox.next()?.label).toBe("one");
    outbox.clear();
    expect(outbox.next()).toBeUndefined();
  });
});
