// The socket notices silence, comes back by itself, and asks by HTTP while it cannot get through.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live } from "../src/app/live";
import { Socket, type SocketState, type Wire } from "../src/app/socket";

class FakeWire implements Wire {
  sent: { type: string }[] = [];
  closed = false;
  onopen: Wire["onopen"] = null;
  onmessage: Wire["onmessage"] = null;
  onclose: Wire["onclose"] = null;
  send(data: string): void {
    this.sent.push(JSON.parse(data) as { type: string });
  }
  close(): void {
    this.closed = true;
  }
  open(): void {
    this.onopen?.(undefined as never);
  }
  hear(frame: object | string): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  ready(): void {
    this.open();
    this.hear({ type: "ready", conversations: {} });
  }
  break(): void {
    this.onclose?.({ code: 1006 });
  }
}

function socket() {
  const wires: FakeWire[] = [];
  const states: [SocketState, number][] = [];
  const frames: string[] = [];
  const one = new Socket({
    connect: () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire;
    },
    hello: () => ({ type: "hello" }),
    onFrame: (frame) => frames.push(frame.type),
    onState: (state, failures) => states.push([state, failures]),
    backoff: { baseMs: 1000, capMs: 20_000, random: () => 1 },
  });
  return { one, wires, states, frames, last: () => wires.at(-1)! };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the socket", () => {
  it("says hello, is live when the server is ready, and pings every ten seconds", () => {
    const { one, last, states } = socket();
    one.restart();
    last().ready();
    expect(states.at(-1)).toEqual(["live", 0]);
    vi.advanceTimersByTime(10_000);
    last().hear({ type: "ping", heads: {} });
    vi.advanceTimersByTime(10_000);
    expect(last().sent.map((frame) => frame.type)).toEqual(["hello", "ping", "ping"]);
  });

  it("gives up a connection that has been silent for thirty seconds", () => {
    const { one, last, wires } = socket();
    one.restart();
    last().ready();
    vi.advanceTimersByTime(42_000);
    expect(wires[0]?.closed).toBe(true);
    expect(wires).toHaveLength(2);
  });

  it("waits longer after each failure, and not at all when the page comes back", () => {
    const { one, last, wires } = socket();
    one.restart();
    last().break();
    vi.advanceTimersByTime(1000);
    last().break();
    vi.advanceTimersByTime(1000);
    expect(wires).toHaveLength(2);
    vi.advanceTimersByTime(1000);
    expect(wires).toHaveLength(3);
    last().break();
    one.poke();
    expect(wires).toHaveLength(4);
  });

  it("counts a connection that breaks at once as failed, one that lasted as not", () => {
    const { one, last, states } = socket();
    one.restart();
    last().ready();
    last().break();
    expect(states.at(-1)).toEqual(["waiting", 1]);
    vi.advanceTimersByTime(2000);
    last().ready();
    vi.advanceTimersByTime(6000);
    last().break();
    expect(states.at(-1)).toEqual(["waiting", 0]);
  });

  it("does not wait for a server that never gets ready", () => {
    const { one, last, states } = socket();
    one.restart();
    last().open();
    vi.advanceTimersByTime(10_000);
    expect(states.at(-1)).toEqual(["waiting", 1]);
  });

  it("replaces a silent connection when the page is looked at again", () => {
    const { one, last, wires } = socket();
    one.restart();
    last().ready();
    vi.advanceTimersByTime(5000);
    one.poke();
    expect(wires).toHaveLength(1);
    vi.advanceTimersByTime(15_000);
    one.poke();
    expect(wires).toHaveLength(2);
  });

  it("hears nothing from a connection it has left, and nothing that is no frame", () => {
    const { one, wires, frames } = socket();
    one.restart();
    wires[0]!.ready();
    const listener = wires[0]!.onmessage;
    one.restart();
    listener?.({ data: JSON.stringify({ type: "message" }) });
    wires[1]!.open();
    for (const rubbish of ["no json", "[]", "null", '{"type":7}']) wires[1]!.hear(rubbish);
    expect(frames).toEqual(["ready"]);
  });
});

describe("polling", () => {
  it("begins after two failed connects and ends when the socket is live", async () => {
    const wires: FakeWire[] = [];
    let polls = 0;
    const live = new Live({
      connect: () => {
        const wire = new FakeWire();
        wires.push(wire);
        return wire;
      },
      hello: () => ({ type: "hello" }),
      onFrame: () => undefined,
      poll: () => Promise.resolve(void (polls += 1)),
      changed: () => undefined,
    });
    live.restart();
    wires.at(-1)!.break();
    expect(live.polling).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    wires.at(-1)!.break();
    expect(live.polling).toBe(true);
    await vi.advanceTimersByTimeAsync(9100);
    expect(polls).toBe(3);
    wires.at(-1)!.ready();
    await vi.advanceTimersByTimeAsync(9000);
    expect(polls).toBe(3);
  });
});
