// Puts the parts of the chat together and redraws them, at most once a frame, when the desk has changed.
import type { Desk } from "../desk";
import { download } from "../download";
import { setLanguage, languageTag, t, type Key, type Language } from "../i18n";
import type { Draft } from "../outbox";
import { rowsOf } from "../thread";
import type { Attachment, Button, Message, Values } from "../types";
import { Composer } from "./composer";
import { h, say, show } from "./dom";
import { Header } from "./header";
import { Log } from "./log";
import { TypingSign } from "./typing-sign";
import { Tickets } from "./tickets";
import { Welcome } from "./welcome";

interface Options {
  desk: Desk;
  close: (() => void) | null;
  unread: (count: number) => void;
  rememberLanguage: (language: Language) => void;
  isLookedAt: () => boolean;
}

export class Shell {
  readonly element: HTMLElement;
  private readonly composer: Composer;
  private readonly header: Header;
  private readonly log: Log;
  private readonly welcome: Welcome;
  private readonly typing = new TypingSign();
  private readonly tickets: Tickets;
  private readonly banner = h("p", { class: "banner", role: "status", "data-testid": "banner", hidden: true });
  private readonly goodbye: HTMLElement;
  private readonly main: HTMLElement;
  private language: Language = "en";
  private drawing = false;

  constructor(private readonly options: Options) {
    const { desk } = options;
    const write = (text: string) => this.send({ kind: "message", body: { text }, label: text });
    this.header = new Header(desk, {
      ...{ askPerson: () => this.askPerson(), leaveQueue: () => void desk.chat.leaveQueue() },
      ...{ showTickets: () => void this.tickets.open(), logOut: () => void desk.logOut(), close: options.close },
      speak: (language) => {
        options.rememberLanguage(language);
        this.speak(language);
      },
    });
    this.welcome = new Welcome(desk, write);
    this.log = new Log(this.logOptions(), this.welcome.element, this.typing.element);
    this.composer = new Composer({
      draft: desk.options.store.get("draft") ?? "",
      send: write,
      attach: (file) => desk.uploads.add(file),
      typing: () => desk.chat.tellTyping(),
      remember: (draft) => desk.options.store.set("draft", draft),
    });
    this.tickets = new Tickets(
      (path) => desk.session.call("GET", path),
      () => this.invite(),
    );
    this.goodbye = this.makeGoodbye();
    const foot = h("div", { class: "foot" }, this.header.ask, this.composer.element);
    this.main = h("main", { class: "main" }, this.log.element, this.goodbye, foot, this.tickets.element);
    this.element = h("div", { class: "desk" }, this.header.element, this.header.queue, this.banner, this.main);
    this.acceptDrops();
    desk.subscribe(() => this.draw());
  }

  speak(language: Language): void {
    this.language = language;
    setLanguage(language);
    document.documentElement.lang = languageTag();
    document.title = t("title");
    // The host's page has a header and a main part of its own.
    for (const part of [this.header.element, this.main]) part.setAttribute("aria-label", t("title"));
    this.tickets.render();
    this.draw();
  }

  /** Escape closes what is on top. True when there was something. */
  escape(): boolean {
    if (this.header.menu.isOpen) this.header.menu.close();
    else if (this.tickets.isOpen) this.tickets.close();
    else return false;
    return true;
  }

  shown(): void {
    this.log.toEnd();
    this.draw();
  }

  /** Lets the visitor write; on a phone not at once, for the keyboard would cover what there is to read. */
  invite(): void {
    if (window.matchMedia("(pointer: fine)").matches) this.composer.focus();
    else this.log.focus();
  }

  private draw(): void {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.render();
    });
  }

  private render(): void {
    const { desk } = this.options;
    const { ledger, typing } = desk.chat;
    const out = desk.phase === "logged-out";
    const stalled = desk.connection === "offline" || desk.connection === "unreachable";
    const rows = rowsOf(ledger.timelines, desk.outbox.list(), stalled);
    this.header.render();
    this.composer.render();
    this.renderBanner();
    this.renderGoodbye(out);
    this.welcome.render(rows.length === 0 && desk.uploads.list.length === 0 && desk.phase !== "starting");
    this.typing.render(typing.who);
    this.log.render({ rows, uploads: desk.uploads.list, hasEarlier: ledger.hasEarlier, language: this.language });
    if (this.log.isAtEnd && this.options.isLookedAt()) desk.reading.seen();
    this.options.unread(desk.reading.unread);
  }

  private renderBanner(): void {
    const { desk } = this.options;
    const key: Key | null = desk.signInFailed ? "sign_in_failed" : desk.connection === "good" ? null : desk.connection;
    show(this.banner, key !== null);
    this.banner.dataset["state"] = desk.signInFailed ? "sign-in" : desk.connection;
    say(this.banner, key ? t(key) : "");
  }

  private renderGoodbye(out: boolean): void {
    show(this.goodbye, out);
    show(this.log.element, !out);
    show(this.composer.element, !out);
    for (const element of this.goodbye.querySelectorAll<HTMLElement>("[data-key]")) {
      say(element, t(element.dataset["key"] as Key));
    }
    if (out) this.composer.clear();
  }

  private makeGoodbye(): HTMLElement {
    const again = h("button", { class: "primary", type: "button", "data-key": "start_afresh", "data-testid": "start-afresh" });
    again.addEventListener("click", () => {
      void this.options.desk.startAfresh().then(() => this.invite());
    });
    const words = [h("h2", { "data-key": "logged_out" }), h("p", { "data-key": "logged_out_more" })];
    return h("section", { class: "goodbye", hidden: true, "data-testid": "logged-out" }, ...words, again);
  }

  private askPerson(): void {
    this.send({ kind: "handoff", body: {}, label: "" });
    this.invite();
  }

  private send(draft: Draft): void {
    this.log.follow();
    this.options.desk.send(draft);
  }

  private logOptions(): ConstructorParameters<typeof Log>[0] {
    const { desk } = this.options;
    return {
      actions: {
        click: (message: Message, { label, value }: Button) => {
          this.send({ kind: "message", body: { action: { message_id: message.id, value } }, label });
          this.invite();
        },
        submit: (message: Message, values: Values) => {
          const label = Object.values(values).filter(Boolean).join("\n");
          this.send({ kind: "message", body: { action: { message_id: message.id, value: values } }, label });
          this.invite();
        },
        discard: (clientId: string) => desk.discard(clientId),
        openFile: (attachment: Attachment) => void download(desk.session, desk.api, attachment),
        openTickets: () => void this.tickets.open(),
      },
      earlier: () => desk.chat.ledger.earlier(),
      removeUpload: (key) => desk.uploads.remove(key),
      retryUpload: (key) => desk.uploads.retry(key),
      atEnd: () => {
        if (this.options.isLookedAt()) desk.reading.seen();
      },
    };
  }

  private acceptDrops(): void {
    this.element.addEventListener("dragover", (event) => {
      event.preventDefault();
    });
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      for (const file of event.dataTransfer?.files ?? []) this.options.desk.uploads.add(file);
    });
  }
}
