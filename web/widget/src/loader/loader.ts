// The one script a host page includes: nothing of the chat is loaded, and nobody is told, before it is opened.
import { remember, remembered } from "./dom";
import { Frame, type FrameMessage } from "./frame";
import { Launcher } from "./launcher";
import { words } from "./words";

export interface Deskhand {
  open: () => void;
  close: () => void;
  toggle: () => void;
  identify: (token: string) => void;
  logout: () => void;
}

declare global {
  interface Window {
    Deskhand?: Deskhand;
  }
}

function start(script: HTMLScriptElement): Deskhand {
  const { origin } = new URL(script.src);
  const inbox = script.dataset["inbox"] ?? "default";
  // Set on the host's own origin when the chat is first opened; from then on the badge is worth a frame.
  const used = `deskhand:${inbox}:used`;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const lang = script.dataset["lang"] ?? (document.documentElement.lang || navigator.language);
  let isOpen = false;
  let unread = 0;
  /** What is told the frame once it is there. */
  let waiting: [type: string, more: object][] = [];

  const theme = () => {
    const asked = script.dataset["theme"] ?? "auto";
    return asked === "auto" ? (dark.matches ? "dark" : "light") : asked;
  };
  const address = () => {
    const hash = new URLSearchParams({ host: location.origin, theme: theme(), lang });
    return `${origin}/widget/${encodeURIComponent(inbox)}#${hash.toString()}`;
  };
  const draw = () => launcher.draw(isOpen, unread, theme());
  const open = () => {
    if (isOpen) return;
    isOpen = true;
    remember(used);
    frame.load();
    draw();
    frame.focus();
    frame.tell("opened");
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    draw();
    launcher.button.focus();
    frame.tell("closed");
  };
  const toggle = () => {
    (isOpen ? close : open)();
  };
  const tellOrWait = (type: string, more: object) => {
    if (frame.ready) frame.tell(type, more);
    else waiting.push([type, more]);
  };

  function hear(message: FrameMessage): void {
    if (message["type"] === "close") close();
    if (message["type"] === "unread") {
      unread = Number(message["count"]) || 0;
      draw();
    }
    if (message["type"] !== "ready") return;
    // Only where the visitor is: what follows the question mark may hold secrets of the host.
    frame.tell("hello", { open: isOpen, theme: theme(), page_url: location.origin + location.pathname });
    for (const one of waiting) frame.tell(...one);
    waiting = [];
    if (isOpen) frame.focus();
  }

  const text = words(lang);
  const launcher = new Launcher(text, draw, toggle);
  const frame = new Frame(launcher.panel, origin, address, text, hear);

  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-deskhand-open]") : null;
    if (!opener) return;
    event.preventDefault();
    const wish = opener.dataset["deskhandLang"];
    if (wish) tellOrWait("language", { language: wish });
    open();
  });
  dark.addEventListener("change", () => {
    draw();
    frame.tell("theme", { theme: theme() });
  });
  draw();
  document.body.append(launcher.host);
  if (remembered(used)) frame.load();

  return {
    ...{ open, close, toggle },
    identify(token) {
      tellOrWait("identify", { token });
    },
    logout() {
      unread = 0;
      draw();
      // There may be a session to end, and only the frame can end it.
      if (remembered(used)) frame.load();
      tellOrWait("logout", {});
    },
  };
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !window.Deskhand) {
  const begin = () => {
    window.Deskhand = start(script);
  };
  if (document.body as HTMLElement | null) begin();
  else addEventListener("DOMContentLoaded", begin);
}
