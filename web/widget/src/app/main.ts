// Starts the chat inside its frame: reads where it is, joins desk and view, listens to host, network and tabs.
import "./style/app.css";
import { Bridge } from "./bridge";
import { Desk } from "./desk";
import { pickLanguage, type Language } from "./i18n";
import { newId } from "./ids";
import type { Wire } from "./socket";
import { browserArea, openStore } from "./storage";
import { Shell } from "./view/shell";

const hash = new URLSearchParams(window.location.hash.slice(1));
const given = document.body.dataset["inbox"] ?? "";
const inbox = /^[\w.-]+$/u.test(given) && !given.startsWith("__") ? given : "default";
const prefix = `deskhand:${inbox}:`;
const store = openStore(prefix, browserArea());

let language: Language = pickLanguage([
  store.get("language"),
  hash.get("lang"),
  document.body.dataset["lang"],
  ...navigator.languages,
]);
let pageUrl = "";
let open = false;

const desk = new Desk({
  inbox,
  base: "",
  store,
  fetch: (input, init) => window.fetch(input, init),
  connect: (path) => {
    const url = new URL(path, window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(url) as Wire;
  },
  locks: (navigator as { locks?: LockManager }).locks,
  newId,
  context: () => ({ locale: language, page_url: pageUrl }),
  isOnline: () => navigator.onLine,
});

const bridge = new Bridge(hash, {
  hello(hello) {
    pageUrl = hello.pageUrl;
    setTheme(hello.theme);
    if (hello.open) opened();
    else void desk.start();
  },
  opened,
  closed() {
    open = false;
  },
  theme: setTheme,
  language: speak,
  identify: (token) => void desk.identify(token),
  logOut: () => void desk.logOut(),
});

let told = -1;
const shell = new Shell({
  desk,
  close: bridge.alone
    ? null
    : () => bridge.close(),
  unread(count) {
    if (count !== told) bridge.unread(count);
    told = count;
  },
  rememberLanguage(next) {
    language = next;
    store.set("language", next);
  },
  isLookedAt: () => open && document.visibilityState === "visible",
});
document.body.append(shell.element);
shell.speak(language);

if (bridge.alone) {
  setTheme(hash.get("theme") ?? "auto");
  pageUrl = document.referrer;
  opened();
}

function opened(): void {
  open = true;
  desk.open();
  shell.shown();
  shell.invite();
}

function speak(wish: string): void {
  language = pickLanguage([wish, language]);
  store.set("language", language);
  shell.speak(language);
}

function setTheme(theme: string): void {
  const known = theme === "light" || theme === "dark";
  if (known) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
}

window.addEventListener("online", () => desk.poke(true));
window.addEventListener("offline", () => desk.changed());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) desk.poke(true);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") desk.poke();
});
window.addEventListener("storage", (event) => {
  if (event.key === null) desk.sharedChanged("session");
  else if (event.key.startsWith(prefix)) desk.sharedChanged(event.key.slice(prefix.length));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing && !shell.escape()) bridge.close();
});
