// The timeline shows a contiguous, ordered list whatever order the news come in.
import { describe, expect, it } from "vitest";
import { Timeline } from "../src/app/timeline";
import { message, messages } from "./support";

const seqs = (timeline: Timeline) => timeline.items.map((one) => one.seq);

describe("the timeline", () => {
  it("shows what follows on, and holds back what came too early", () => {
    const timeline = new Timeline("c1");
    timeline.offer(message(1));
    timeline.offer(message(3));
    expect(seqs(timeline)).toEqual([1]);
    expect(timeline.behind).toBe(true);
    timeline.offer(message(2));
    expect(seqs(timeline)).toEqual([1, 2, 3]);
    expect(timeline.behind).toBe(false);
  });

  it("takes every number once, however often it is offered", () => {
    const timeline = new Timeline("c1");
    for (const seq of [1, 1, 2, 1, 2, 3, 3]) timeline.offer(message(seq));
    expect(seqs(timeline)).toEqual([1, 2, 3]);
  });

  it("comes out the same for every order of arrival", () => {
    for (let round = 0; round < 200; round += 1) {
      const timeline = new Timeline("c1");
      const arrivals = [...messages(1, 12), ...messages(4, 9)].sort(() => Math.random() - 0.5);
      for (const one of arrivals) {
        timeline.offer(one);
        expect(seqs(timeline)).toEqual(Array.from({ length: timeline.last }, (_, index) => index + 1));
      }
      expect(timeline.last).toBe(12);
    }
  });

  it("is behind as soon as it hears of a higher number", () => {
    const timeline = new Timeline("c1");
    timeline.startWith(messages(10, 20), 11);
    expect(timeline.behind).toBe(false);
    timeline.heardOf(21);
    expect(timeline.behind).toBe(true);
    timeline.append([message(21)], 20);
    expect(timeline.behind).toBe(false);
  });

  it("starts with the newest page, goes back by pages, and knows the beginning", () => {
    const timeline = new Timeline("c1");
    timeline.startWith(messages(41, 80), 40);
    expect(timeline.complete).toBe(false);
    timeline.prepend(messages(1, 40), 40);
    expect(timeline.first).toBe(1);
    expect(timeline.complete).toBe(true);
    expect(timeline.items).toHaveLength(80);
  });

  it("keeps what the socket brought while the first page was read", () => {
    const timeline = new Timeline("c1");
    timeline.offer(message(5));
    timeline.startWith(messages(1, 4), 40);
    expect(seqs(timeline)).toEqual([1, 2, 3, 4, 5]);
  });

  it("believes the ledger about a number that does not exist", () => {
    const timeline = new Timeline("c1");
    timeline.startWith(messages(1, 3), 40);
    timeline.offer(message(6));
    timeline.append([message(5), message(6)], 3);
    expect(seqs(timeline)).toEqual([1, 2, 3, 5, 6]);
    expect(timeline.behind).toBe(false);
  });

  it("ignores a late page that starts behind a gap, and numbers that are none", () => {
    const timeline = new Timeline("c1");
    timeline.startWith(messages(1, 3), 40);
    expect(timeline.append(messages(10, 12), 9)).toBe(3);
    timeline.offer(message(Number.NaN));
    expect(seqs(timeline)).toEqual([1, 2, 3]);
  });
});
