// Hands one parcel to the server: makes the conversation first if need be, follows a closed one to its successor.
import { Problem } from "./api";
import { outcomeOf, type Outcome } from "./courier";
import type { Parcel } from "./outbox";
import type { Session } from "./session";
import type { Store } from "./storage";
import type { Conversation, Message } from "./types";

interface Options {
  session: Session;
  store: Store;
  newId: () => string;
  context: () => { locale: string; page_url: string };
  /** The conversation that is written to has changed (or has been made). */
  movedTo: (conversation: Pick<Conversation, "id"> & Partial<Conversation>) => void;
  lost: (conversationId: string) => void;
  written: (message: Message) => void;
  handedOff: (conversation: Conversation) => void;
}

export const CURRENT = "conversation";
export const MAKING = "conversation-client-id";

export class Delivery {
  private readonly moved = new Set<string>();

  constructor(private readonly options: Options) {}

  async deliver(parcel: Parcel): Promise<Outcome> {
    const { session, written, handedOff } = this.options;
    let id = "";
    try {
      id = await this.conversation();
      const path = `/api/visitor/conversations/${encodeURIComponent(id)}`;
      const body = { client_id: parcel.client_id, ...parcel.body };
      if (parcel.kind === "handoff") {
        const answer = (await session.call("POST", `${path}/handoff`, body)) as { conversation?: Conversation };
        if (answer.conversation) handedOff(answer.conversation);
      } else {
        written((await session.call("POST", `${path}/messages`, body)) as Message);
      }
      return { type: "delivered" };
    } catch (error) {
      return this.follow(error, id, parcel) ?? outcomeOf(error);
    }
  }

  /** The way on from a refusal that only says "not here". */
  private follow(error: unknown, id: string, parcel: Parcel): Outcome | null {
    if (!(error instanceof Problem)) return null;
    const successor = error.fields["successor_id"];
    if (error.status === 409 && typeof successor === "string") {
      this.options.store.set(CURRENT, successor);
      this.options.movedTo({ id: successor });
      return { type: "again" };
    }
    if (error.status === 404 && id && !this.moved.has(parcel.client_id)) {
      // Not ours: the session before it was lost. What the customer wrote goes into a new conversation, once;
      // a second "not found" is about the parcel itself.
      this.moved.add(parcel.client_id);
      this.options.lost(id);
      return { type: "again" };
    }
    return null;
  }

  /** The id to write to. The client id is kept until the answer is, so that two tries make one conversation. */
  private async conversation(): Promise<string> {
    const { session, store, newId, context, movedTo } = this.options;
    // The session comes first: beginning one may bring a conversation along, or take a stale one away.
    await session.ensure();
    const known = store.get(CURRENT);
    if (known) return known;
    const clientId = store.get(MAKING) ?? newId();
    store.set(MAKING, clientId);
    const body = { client_id: clientId, ...context() };
    const made = (await session.call("POST", "/api/visitor/conversations", body)) as Conversation;
    store.set(CURRENT, made.id);
    store.remove(MAKING);
    movedTo(made);
    return made.id;
  }
}
