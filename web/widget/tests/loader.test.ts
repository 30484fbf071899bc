// @vitest-environment happy-dom
// The loader: loads nothing before it is asked, and talks with its own frame and nobody else.
import { beforeEach, describe, expect, it, vi } from "vitest";

const DESK = "https://desk.example";

/** A host page with the script on it, as a browser runs it. */
async function hostPage(attributes: Record<string, string> = {}): Promise<ShadowRoot> {
  vi.resetModules();
  delete window.Deskhand;
  document.body.replaceChildren();
  const script = document.createElement("script");
  Object.defineProperty(script, "src", { value: `${DESK}/widget/loader.js` });
  Object.assign(script.dataset, attributes);
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  await import("../src/loader/loader");
  return document.querySelector("deskhand-chat")!.shadowRoot!;
}

const launcher = (root: ShadowRoot) => root.querySelector<HTMLElement>('[data-testid="launcher"]')!;
const frame = (root: ShadowRoot) => root.querySelector("iframe");

/** The frame's window, with what it was sent. */
function listenIn(root: ShadowRoot) {
  const sent: [Record<string, unknown>, string][] = [];
  const view = { postMessage: (data: Record<string, unknown>, origin: string) => sent.push([data, origin]) };
  Object.defineProperty(frame(root)!, "contentWindow", { value: view, configurable: true });
  const say = (data: unknown, origin = DESK, source: unknown = view) =>
    window.dispatchEvent(Object.assign(new Event("message"), { data, origin, source }));
  return { sent, say };
}

beforeEach(() => {
  localStorage.clear();
  const { settings } = (window as unknown as { happyDOM: { settings: Record<string, boolean> } }).happyDOM;
  Object.assign(settings, { disableIframePageLoading: true, handleDisabledFileLoadingAsSuccess: true });
});

describe("the loader", () => {
  it("loads nothing before it is opened", async () => {
    const root = await hostPage();
    expect(frame(root)).toBeNull();
    expect(localStorage.length).toBe(0);
    launcher(root).click();
    expect(frame(root)?.src).toMatch(/^https:\/\/desk\.example\/widget\/default#host=/);
    expect(launcher(root).getAttribute("aria-expanded")).toBe("true");
  });

  it("puts no token and no query of the page into an address", async () => {
    const root = await hostPage({ inbox: "brand b" });
    window.Deskhand?.identify("secret.jwt");
    window.Deskhand?.open();
    expect(frame(root)?.src).toContain("/widget/brand%20b#");
    expect(frame(root)?.src).not.toContain("secret");
  });

  it("greets its frame, and only in the desk's origin", async () => {
    const root = await hostPage();
    window.Deskhand?.identify("jwt");
    window.Deskhand?.open();
    const { sent, say } = listenIn(root);
    say({ deskhand: 1, type: "ready" });
    expect(sent.map(([data]) => data["type"])).toEqual(["hello", "identify"]);
    expect(new Set(sent.map(([, origin]) => origin))).toEqual(new Set([DESK]));
  });

  it("does not listen to other origins, other windows or other kinds of message", async () => {
    const root = await hostPage();
    window.Deskhand?.open();
    const { sent, say } = listenIn(root);
    say({ deskhand: 1, type: "ready" }, "https://evil.example");
    say({ deskhand: 1, type: "ready" }, DESK, window);
    say({ type: "ready" });
    say(null);
    expect(sent).toEqual([]);
    say({ deskhand: 1, type: "ready" });
    say({ deskhand: 1, type: "close" }, "https://evil.example");
    expect(launcher(root).getAttribute("aria-expanded")).toBe("true");
  });

  it("shows what is unread, and says it", async () => {
    const root = await hostPage();
    window.Deskhand?.open();
    const { say } = listenIn(root);
    say({ deskhand: 1, type: "ready" });
    window.Deskhand?.close();
    say({ deskhand: 1, type: "unread", count: 3 });
    expect(root.querySelector('[data-testid="badge"]')?.textContent).toBe("3");
    expect(launcher(root).getAttribute("aria-label")).toBe("Open chat, 3 new messages");
  });

  it("closes by Escape and gives the focus back", async () => {
    const root = await hostPage();
    launcher(root).click();
    window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(launcher(root).getAttribute("aria-expanded")).toBe("false");
    expect(root.activeElement).toBe(launcher(root));
  });

  it("opens from any element that asks for it", async () => {
    const root = await hostPage();
    const button = document.createElement("button");
    button.dataset["deskhandOpen"] = "";
    document.body.append(button);
    button.click();
    expect(launcher(root).getAttribute("aria-expanded")).toBe("true");
  });

  it("follows the theme it is given", async () => {
    const root = await hostPage({ theme: "dark" });
    expect((root.host as HTMLElement).dataset["theme"]).toBe("dark");
  });

  it("comes back with its frame, closed, where the chat has been used", async () => {
    localStorage.setItem("deskhand:default:used", "1");
    const root = await hostPage();
    expect(frame(root)).not.toBeNull();
    expect(launcher(root).getAttribute("aria-expanded")).toBe("false");
  });
});
