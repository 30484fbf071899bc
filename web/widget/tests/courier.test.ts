// The courier sends one after another, waits when it has to, and gives up only when the server says no.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem, Unreachable, retryAfter } from "../src/app/api";
import { Courier, outcomeOf, tabLock, type Outcome } from "../src/app/courier";
import { Outbox, type Parcel } from "../src/app/outbox";
import { openStore } from "../src/app/storage";
import { FakeArea, text } from "./support";

const free = tabLock("test", undefined);

function courier(deliver: (parcel: Parcel) => Promise<Outcome>) {
  let id = 0;
  const outbox = new Outbox(openStore("p:", new FakeArea()), { now: () => 1, newId: () => `id-${++id}` });
  const backoff = { baseMs: 1000, capMs: 30_000, random: () => 1 };
  return { outbox, courier: new Courier({ outbox, deliver, changed: () => undefined, lock: free, backoff }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the courier", () => {
  it("sends strictly in order, one at a time", async () => {
    const log: string[] = [];
    let running = 0;
    const { outbox, courier: one } = courier(async (parcel) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, parcel.label === "a" ? 300 : 10));
      log.push(parcel.label);
      running -= 1;
      return { type: "delivered" };
    });
    for (const word of ["a", "b", "c"]) outbox.add(text(word));
    one.kick();
    one.kick();
    await vi.advanceTimersByTimeAsync(1000);
    expect(log).toEqual(["a", "b", "c"]);
    expect(outbox.list()).toEqual([]);
  });

  it("tries an unreachable server again, later each time, and goes on where it stopped", async () => {
    const tries: number[] = [];
    let up = false;
    const { outbox, courier: one } = courier(() => {
      tries.push(Date.now());
      return up ? Promise.resolve({ type: "delivered" }) : Promise.reject(new Unreachable("down"));
    });
    const begin = Date.now();
    outbox.add(text("a"));
    one.kick();
    await vi.advanceTimersByTimeAsync(8000);
    expect(tries.map((at) => at - begin)).toEqual([0, 1000, 3000, 7000]);
    up = true;
    one.kick();
    await vi.advanceTimersByTimeAsync(1);
    expect(outbox.list()).toEqual([]);
  });

  it("waits as long as the server asks for", async () => {
    let tries = 0;
    const { outbox, courier: one } = courier(() => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Problem(429, "too-many", "", {}, 7000)) : Promise.resolve({ type: "delivered" });
    });
    outbox.add(text("a"));
    one.kick();
    await vi.advanceTimersByTimeAsync(6900);
    expect(tries).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(tries).toBe(2);
  });

  it("marks what was refused with the server's words and carries on", async () => {
    const { outbox, courier: one } = courier((parcel) =>
      parcel.label === "bad" ? Promise.reject(new Problem(422, "malformed", "Not like this.")) : Promise.resolve({ type: "delivered" }),
    );
    outbox.add(text("bad"));
    outbox.add(text("good"));
    one.kick();
    await vi.advanceTimersByTimeAsync(10);
    expect(outbox.list().map((parcel) => parcel.failed)).toEqual(["Not like this."]);
  });

  it("slows down when 'again' does not end", async () => {
    let tries = 0;
    const { outbox, courier: one } = courier(() => {
      tries += 1;
      return Promise.resolve({ type: "again" });
    });
    outbox.add(text("a"));
    one.kick();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(tries).toBeLessThan(10);
  });
});

describe("the outcome of an error", () => {
  it.each<[Error, Outcome["type"]]>([
    [new Unreachable("x"), "later"],
    [new Problem(500, "", ""), "later"],
    [new Problem(503, "", ""), "later"],
    [new Problem(429, "", ""), "later"],
    [new Problem(401, "", ""), "stop"],
    [new Problem(409, "client-id-reused", "Already used."), "refused"],
    [new Problem(413, "", ""), "refused"],
    [new Problem(422, "", ""), "refused"],
  ])("%s is %s", (error, type) => {
    expect(outcomeOf(error).type).toBe(type);
  });

  it("reads Retry-After as seconds or as a date", () => {
    expect(retryAfter("3")).toBe(3000);
    expect(retryAfter("Mon, 23 Nov 2026 06:00:10 GMT", Date.parse("2026-11-23T06:00:00Z"))).toBe(10_000);
    expect(retryAfter("soon")).toBeNull();
    expect(retryAfter(null)).toBeNull();
  });
});
