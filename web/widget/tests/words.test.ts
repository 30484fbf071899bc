// Small readers of text: links, frames, languages, times, queue words.
import { afterEach, describe, expect, it } from "vitest";
import { newsOf } from "../src/app/frames";
import { pickLanguage, setLanguage, t } from "../src/app/i18n";
import { pieces, safeHref } from "../src/app/linkify";
import { day, size } from "../src/app/time";
import { queueWords } from "../src/app/view/header";
import { message } from "./support";

afterEach(() => setLanguage("en"));

describe("links", () => {
  const links = (text: string) => pieces(text).flatMap((piece) => (piece.href ? [piece.href] : []));

  it.each([
    ["see https://a.example/x?b=1&c=2.", ["https://a.example/x?b=1&c=2"]],
    ["(http://a.example/x) and (see http://b.example/y(z))", ["http://a.example/x", "http://b.example/y(z)"]],
    ["请看https://a.example/帮助，谢谢", ["https://a.example/帮助"]],
    ["javascript:alert(1) data:text/html,x ftp://a.example //b.example", []],
    ['https://a.example/"onclick="x', ["https://a.example/"]],
    ["https://", []],
  ])("in %s", (text, expected) => {
    expect(links(text)).toEqual(expected);
    expect(pieces(text).map((piece) => piece.text).join("")).toBe(text);
  });

  it("are only made to http and https", () => {
    const base = "https://desk.example/widget/default";
    expect(safeHref("/help/kettle", base)).toBe("https://desk.example/help/kettle");
    for (const bad of ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "blob:https://a.example/x", "", null]) {
      expect(safeHref(bad, base)).toBeNull();
    }
  });
});

describe("frames", () => {
  it("become news, and rubbish becomes nothing", () => {
    expect(newsOf({ type: "message", message: message(1) })).toHaveLength(1);
    for (const frame of [{ type: "message", message: { seq: "1" } }, { type: "message" }, { type: "pong" }, { type: "?" }]) {
      expect(newsOf(frame)).toEqual([]);
    }
    expect(newsOf({ type: "ping", heads: { c1: 4, c2: "x" } })).toEqual([{ type: "heads", heads: [["c1", 4]] }]);
  });

  it("tell owner, agent, queue and typing", () => {
    const id = { conversation_id: "c1" };
    expect(newsOf({ type: "owner", ...id, owner: "agent", status: "open", agent: { name: "Tomas" } })).toEqual([
      { type: "patch", conversationId: "c1", patch: { owner: "agent", status: "open", agent: { name: "Tomas" } } },
    ]);
    expect(newsOf({ type: "queue", ...id, position: 2, wait: null })).toEqual([
      { type: "patch", conversationId: "c1", patch: { queue: { position: 2, wait: null } } },
    ]);
    expect(newsOf({ type: "typing", ...id, author: "agent" })).toEqual([{ type: "typing", conversationId: "c1", bot: false }]);
    expect(newsOf({ type: "typing", ...id, author: "customer" })).toEqual([]);
  });

  it("take a snapshot apart", () => {
    const snapshot = { last_seq: 7, owner: "queue", status: "open", queue: { position: 1, wait: null }, read: 3, agent: null };
    expect(newsOf({ type: "ready", conversations: { c1: snapshot } })).toEqual([
      { type: "patch", conversationId: "c1", patch: { owner: "queue", status: "open", read: 3, agent: null, queue: { position: 1, wait: null } } },
      { type: "heads", heads: [["c1", 7]] },
    ]);
  });
});

describe("words", () => {
  it("say the place in the queue and the class of the wait", () => {
    expect(queueWords({ position: 2, wait: null })).toBe("You are number 2 in the queue");
    expect(queueWords({ position: 1, wait: { min_s: 0, max_s: 120 } })).toBe("You are number 1 in the queue · under 2 min");
    expect(queueWords({ position: 3, wait: { min_s: 120, max_s: 300 } })).toContain("2 to 5 min");
    expect(queueWords({ position: 9, wait: { min_s: 1200, max_s: null } })).toContain("more than 20 min");
    setLanguage("zh");
    expect(queueWords({ position: 2, wait: null })).toBe("您排在第 2 位");
  });

  it("choose the first language we speak", () => {
    expect(pickLanguage([null, "", "fr-FR", "zh-TW", "en"])).toBe("zh");
    expect(pickLanguage(["fr"])).toBe("en");
  });

  it("fill in what is given and leave the rest", () => {
    expect(t("said", { name: "Mia" })).toBe("Mia said:");
    expect(t("said")).toBe("{name} said:");
  });

  it("name days and sizes", () => {
    const now = new Date(2026, 10, 23, 12);
    expect(day(new Date(2026, 10, 23, 1).toISOString(), now)).toBe("Today");
    expect(day(new Date(2026, 10, 22, 23).toISOString(), now)).toBe("Yesterday");
    expect(day(new Date(2026, 10, 19, 23).toISOString(), now)).toBe("Thursday");
    expect(day("not a date", now)).toBe("");
    expect(size(48_211)).toBe("48 kB");
    expect(size(2_400_000)).toBe("2.4 MB");
  });
});
