// The visitor's whole side against a server: nothing is lost, doubled or out of order, whatever breaks.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Visitor, heard, say, seqs } from "./cast";
import { startMock, type Mock } from "./mock-server";
import { until } from "./support";

const BOT = { author: { type: "bot" as const, name: null } };

let mock: Mock;
let mia: Visitor;

beforeEach(async () => {
  mock = await startMock({ pingMs: 200 });
  mia = new Visitor(mock);
});

afterEach(async () => {
  mia.closeAll();
  await mock.close();
});

const conversation = () => mock.desk.conversations[0]!;
const written = () => conversation().messages.map((message) => message.text);

async function inConversation() {
  const desk = mia.open();
  say(desk, "hello");
  await until(() => desk.chat.live.state === "live" && heard(desk).length === 1);
  return desk;
}

describe("the first visit", () => {
  it("makes nothing on the server before the chat is opened", async () => {
    const desk = mia.tab();
    await desk.start();
    expect(desk.phase).toBe("idle");
    expect(mock.requests).toEqual([]);
  });

  it("makes a session when it is opened, and a conversation with the first message", async () => {
    const desk = mia.open();
    await until(() => desk.phase === "ready");
    expect(mock.desk.tokens.size).toBe(1);
    expect(mock.desk.conversations).toHaveLength(0);
    say(desk, "hello");
    await until(() => heard(desk).length === 1);
    expect(written()).toEqual(["hello"]);
    expect(desk.outbox.list()).toEqual([]);
  });

  it("begins one session and one conversation for two tabs opened at once", async () => {
    const [one, two] = [mia.open(), mia.open()];
    say(one, "from one");
    say(two, "from two");
    await until(() => mock.desk.conversations.length === 1 && conversation().messages.length === 2);
    expect(mock.desk.tokens.size).toBe(1);
    expect(new Set(mock.desk.posts).size).toBe(2);
  });
});

describe("sending", () => {
  it("sends each message once although answers are lost", async () => {
    const desk = await inConversation();
    mock.faults.push("drop", "cut", 503);
    say(desk, "one");
    say(desk, "two");
    await until(() => desk.outbox.list().length === 0);
    await until(() => heard(desk).length === 3);
    expect(written()).toEqual(["hello", "one", "two"]);
    expect(heard(desk)).toEqual(["hello", "one", "two"]);
  });

  it("keeps what is written offline, over a reload, and sends it in order and once", async () => {
    const before = await inConversation();
    mia.goOffline();
    for (const word of ["one", "two", "three"]) say(before, word);
    mia.close(before);
    const after = mia.open();
    expect(after.outbox.list().map((parcel) => parcel.label)).toEqual(["one", "two", "three"]);
    mia.comeBack();
    await until(() => written().length === 4);
    await until(() => heard(after).length === 4);
    expect(written()).toEqual(["hello", "one", "two", "three"]);
    expect(after.outbox.list()).toEqual([]);
  });

  it("shows what the server refuses, and goes on with the rest", async () => {
    const desk = await inConversation();
    say(desk, "refuse me");
    say(desk, "and this");
    await until(() => heard(desk).includes("and this"));
    expect(desk.outbox.list().map((parcel) => parcel.failed)).toEqual(["This text is not accepted."]);
    desk.discard(desk.outbox.list()[0]!.client_id);
    expect(desk.outbox.list()).toEqual([]);
  });

  it("follows a closed conversation to its successor", async () => {
    const desk = await inConversation();
    const next = mock.desk.successor(conversation());
    say(desk, "one more thing");
    await until(() => next.messages.length === 1);
    await until(() => desk.chat.live.state === "live" && heard(desk).length === 1);
    mock.desk.write(next, { ...BOT, text: "of course" });
    await until(() => heard(desk).length === 2);
    expect(desk.chat.ledger.timelines.flatMap((one) => one.items.map((message) => message.text))).toEqual([
      ...["hello", "one more thing", "of course"],
    ]);
  });

  it("asks for a person in the order of what was written", async () => {
    const desk = await inConversation();
    mia.goOffline();
    say(desk, "before");
    desk.send({ kind: "handoff", body: {}, label: "" });
    mia.comeBack();
    await until(() => desk.chat.conversation?.owner === "queue");
    await until(() => heard(desk).length === 3);
    expect(heard(desk)[1]).toBe("before");
    expect(desk.chat.conversation?.queue?.position).toBe(2);
    await desk.chat.leaveQueue();
    expect(desk.chat.conversation?.owner).toBe("bot");
    expect(desk.chat.conversation?.queue).toBeNull();
  });

  it("uploads a file and sends it as a message", async () => {
    const desk = await inConversation();
    desk.uploads.add(new File(["lid"], "lid.txt", { type: "text/plain" }));
    await until(() => conversation().messages.length === 2);
    expect(conversation().messages[1]?.attachments[0]).toMatchObject({ name: "lid.txt", size: 3 });
    desk.uploads.add(new File([new Uint8Array(11_000_000)], "film.mp4"));
    expect(desk.uploads.list.map((upload) => upload.reason)).toEqual(["too-large"]);
  });
});

describe("listening", () => {
  it("hears what is said, in order, while messages race", async () => {
    const desk = await inConversation();
    for (let n = 1; n <= 50; n += 1) mock.desk.write(conversation(), { ...BOT, text: `answer ${n}` });
    await until(() => seqs(desk).length === 51);
    expect(seqs(desk)).toEqual(Array.from({ length: 51 }, (_, index) => index + 1));
  });

  it("notices a doorbell that was lost, by the heartbeat", async () => {
    const desk = await inConversation();
    mock.desk.muted = true;
    mock.desk.write(conversation(), { ...BOT, text: "unheard" });
    await until(() => heard(desk).includes("unheard"));
  });

  it("fills a gap before it shows what came after it", async () => {
    const desk = await inConversation();
    mock.desk.muted = true;
    mock.desk.write(conversation(), { ...BOT, text: "unheard" });
    mock.desk.muted = false;
    mock.desk.write(conversation(), { ...BOT, text: "heard" });
    await until(() => seqs(desk).length === 3);
    expect(heard(desk)).toEqual(["hello", "unheard", "heard"]);
  });

  it("comes back after the connection broke, with everything said meanwhile", async () => {
    const desk = await inConversation();
    mia.goOffline();
    for (const word of ["one", "two"]) mock.desk.write(conversation(), { ...BOT, text: word });
    mia.comeBack();
    await until(() => heard(desk).length === 3);
    expect(heard(desk)).toEqual(["hello", "one", "two"]);
  });

  it("goes on by asking while sockets do not get through", async () => {
    const desk = await inConversation();
    mock.socketsBlocked = true;
    for (const socket of mock.sockets) socket.terminate();
    mock.desk.write(conversation(), { ...BOT, text: "by poll" });
    await until(() => desk.connection === "slow", 10_000);
    await until(() => heard(desk).includes("by poll"), 10_000);
    mock.socketsBlocked = false;
    desk.poke();
    await until(() => desk.connection === "good");
  });

  it("loads the newest page first and older ones when asked", async () => {
    const before = await inConversation();
    for (let n = 1; n <= 90; n += 1) mock.desk.write(conversation(), { ...BOT, text: `answer ${n}` });
    await until(() => seqs(before).length === 91);
    mia.close(before);
    const desk = mia.open();
    await until(() => desk.phase === "ready");
    expect(seqs(desk)[0]).toBe(52);
    await desk.chat.ledger.earlier();
    await desk.chat.ledger.earlier();
    expect(seqs(desk)).toEqual(Array.from({ length: 91 }, (_, index) => index + 1));
    expect(desk.chat.ledger.hasEarlier).toBe(false);
  });

  it("counts what is new until it has been looked at", async () => {
    const desk = await inConversation();
    mock.desk.write(conversation(), { ...BOT, text: "one" });
    mock.desk.write(conversation(), { ...BOT, text: "two" });
    await until(() => desk.reading.unread === 2);
    desk.reading.seen();
    expect(desk.reading.unread).toBe(0);
    await until(() => conversation().read === 3);
  });
});
