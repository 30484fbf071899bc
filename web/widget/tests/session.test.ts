// Who the visitor is: renewed, recognised, logged out, and never somebody else by accident.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Visitor, heard, say } from "./cast";
import { startMock, type Mock } from "./mock-server";
import { until } from "./support";

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

async function inConversation() {
  const desk = mia.open();
  say(desk, "hello");
  await until(() => desk.chat.live.state === "live" && heard(desk).length === 1);
  return desk;
}

describe("the session", () => {
  it("renews a forgotten session once and keeps what was written", async () => {
    const desk = await inConversation();
    mock.desk.tokens.clear();
    say(desk, "still here");
    await until(() => mock.desk.conversations.length === 2);
    await until(() => heard(desk).includes("still here"));
    expect(mock.desk.tokens.size).toBe(1);
    expect(mock.desk.conversations[1]?.messages.map((message) => message.text)).toEqual(["still here"]);
  });

  it("forgets everything on log-out, and begins nothing by itself", async () => {
    const desk = await inConversation();
    mia.goOffline();
    say(desk, "private");
    mia.online = true;
    await desk.logOut();
    expect(desk.phase).toBe("logged-out");
    expect(desk.chat.ledger.timelines).toEqual([]);
    expect(Object.keys(mia.area)).toEqual(["deskhand:default:logged-out"]);
    expect(mock.desk.tokens.size).toBe(0);
    const reload = mia.open();
    await reload.start();
    expect(reload.phase).toBe("logged-out");
    expect(mock.desk.tokens.size).toBe(0);
    await reload.startAfresh();
    expect(reload.phase).toBe("ready");
    expect(heard(reload)).toEqual([]);
  });

  it("does not use a session that was begun while the visitor logged out", async () => {
    const desk = await inConversation();
    mock.desk.tokens.clear();
    say(desk, "renew me");
    await until(() => mock.desk.tokens.size === 1);
    await desk.logOut();
    await until(() => mock.desk.tokens.size === 0);
    expect(desk.session.visitor).toBeNull();
    expect(desk.phase).toBe("logged-out");
  });

  it("ends the session later where the server cannot be told at once", async () => {
    const desk = await inConversation();
    mia.goOffline();
    await desk.logOut();
    expect(mock.desk.tokens.size).toBe(1);
    mia.comeBack();
    await until(() => mock.desk.tokens.size === 0);
  });

  it("takes the conversation along when the visitor is recognised, and never one of somebody else", async () => {
    const desk = await inConversation();
    await desk.identify("mia");
    expect(heard(desk)).toEqual(["hello"]);
    mia.goOffline();
    say(desk, "for mia only");
    mia.online = true;
    await desk.identify("bob");
    expect(heard(desk)).toEqual([]);
    expect(desk.outbox.list()).toEqual([]);
  });

  it("does not become anonymous when a sign-in is refused", async () => {
    const desk = mia.open();
    await until(() => desk.phase === "ready");
    const sessions = mock.desk.tokens.size;
    await desk.identify("bad");
    expect(desk.signInFailed).toBe(true);
    expect(mock.desk.tokens.size).toBe(sessions);
  });
});
