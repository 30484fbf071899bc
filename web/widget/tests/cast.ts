// A visitor with a browser's memory, whose desk talks to the mock server over real HTTP and a real socket.
import { WebSocket } from "ws";
import { Desk } from "../src/app/desk";
import { newId } from "../src/app/ids";
import type { Wire } from "../src/app/socket";
import { openStore } from "../src/app/storage";
import type { Mock } from "./mock-server";
import { FakeArea } from "./support";

export class Visitor {
  readonly area = new FakeArea();
  online = true;
  private desks: Desk[] = [];

  constructor(private readonly mock: Mock) {}

  /** A page with the chat on it: a first one, a reload, or a second tab. */
  tab(): Desk {
    const desk = new Desk({
      ...{ inbox: "default", base: this.mock.url, store: openStore("deskhand:default:", this.area), newId, locks: this.locks },
      fetch: (input, init) => (this.online ? fetch(input, init) : Promise.reject(new TypeError("offline"))),
      connect: (path) => {
        if (!this.online) throw new Error("offline");
        const socket = new WebSocket(this.mock.url.replace("http", "ws") + path);
        socket.on("error", () => undefined);
        return socket as unknown as Wire;
      },
      context: () => ({ locale: "en", page_url: "https://shop.example/kettles" }),
      isOnline: () => this.online,
    });
    this.desks.push(desk);
    return desk;
  }

  open(): Desk {
    const desk = this.tab();
    desk.open();
    return desk;
  }

  close(desk: Desk): void {
    desk.chat.live.stop();
    this.desks = this.desks.filter((one) => one !== desk);
  }

  closeAll(): void {
    for (const desk of this.desks) this.close(desk);
  }

  goOffline(): void {
    this.online = false;
    for (const socket of this.mock.sockets) socket.terminate();
  }

  comeBack(): void {
    this.online = true;
    for (const desk of this.desks) desk.poke(true);
  }

  private held = new Map<string, Promise<void>>();
  /** Web Locks for tabs that share this visitor's browser. */
  private locks = {
    request: async (name: string, work: () => Promise<void>) => {
      const mine = (this.held.get(name) ?? Promise.resolve()).then(work);
      this.held.set(name, mine.catch(() => undefined));
      await mine;
    },
  } as unknown as LockManager;
}

export const say = (desk: Desk, words: string): void => {
  desk.send({ kind: "message", body: { text: words }, label: words });
};

export const heard = (desk: Desk): string[] => (desk.chat.ledger.current?.items ?? []).map((message) => message.text);

export const seqs = (desk: Desk): number[] => (desk.chat.ledger.current?.items ?? []).map((message) => message.seq);
