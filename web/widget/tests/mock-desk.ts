// The mock server's memory: sessions, conversations and numbered messages, with the rules the widget relies on.
import { randomUUID } from "node:crypto";
import type { Conversation, Message, Ticket } from "../src/app/types";

export interface MockConversation extends Conversation {
  visitor: string;
  client_id: string;
  messages: Message[];
  closed: string | null;
  handoffs: string[];
}

export type Listener = (conversation: MockConversation, frame: object) => void;

export class MockDesk {
  tokens = new Map<string, string>();
  conversations: MockConversation[] = [];
  tickets: Ticket[] = [];
  files = new Map<string, { id: string; name: string; mime: string; size: number; content: Buffer }>();
  /** While true, messages are kept but nobody is told: a lost doorbell. */
  muted = false;
  /** Every POST of a message that reached the server, also the repeated ones. */
  posts: string[] = [];
  private listeners = new Set<Listener>();

  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  newSession(): string {
    const token = randomUUID();
    this.tokens.set(token, randomUUID());
    return token;
  }

  of(visitor: string): MockConversation[] {
    return this.conversations.filter((one) => one.visitor === visitor);
  }

  make(visitor: string, clientId: string): MockConversation {
    const known = this.conversations.find((one) => one.client_id === clientId && one.visitor === visitor);
    if (known) return known;
    const made: MockConversation = {
      ...{ id: `c${this.conversations.length + 1}-${randomUUID().slice(0, 8)}`, status: "open", owner: "bot", last_seq: 0 },
      ...{ created_at: new Date(Date.now() + this.conversations.length).toISOString(), queue: null, agent: null, read: 0 },
      ...{ visitor, client_id: clientId, messages: [], closed: null, handoffs: [] },
    };
    this.conversations.push(made);
    return made;
  }

  /** The next number, the message, and word of it to whoever listens. */
  write(conversation: MockConversation, message: Partial<Message> & Pick<Message, "author">): Message {
    conversation.last_seq += 1;
    const written: Message = {
      ...{ id: `m-${conversation.id}-${conversation.last_seq}`, conversation_id: conversation.id, seq: conversation.last_seq },
      ...{ kind: "text", text: "", payload: {}, attachments: [], client_id: null, created_at: new Date().toISOString() },
      ...message,
    };
    conversation.messages.push(written);
    this.tell(conversation, { type: "message", conversation_id: conversation.id, message: written });
    return written;
  }

  tell(conversation: MockConversation, frame: object): void {
    if (this.muted) return;
    for (const listener of this.listeners) listener(conversation, frame);
  }

  own(conversation: MockConversation, owner: Conversation["owner"], more: Partial<Conversation> = {}): void {
    Object.assign(conversation, { owner, queue: null, agent: null, ...more });
    this.tell(conversation, { type: "owner", conversation_id: conversation.id, owner, agent: conversation.agent });
    if (conversation.queue) {
      this.tell(conversation, { type: "queue", conversation_id: conversation.id, ...conversation.queue });
    }
  }

  successor(conversation: MockConversation): MockConversation {
    const next = this.make(conversation.visitor, `after-${conversation.id}`);
    conversation.closed = next.id;
    return next;
  }
}

export function publicView(conversation: MockConversation): Conversation {
  const { id, status, owner, last_seq, created_at, queue, agent, read } = conversation;
  return { id, status, owner, last_seq, ...{ created_at: created_at ?? "", queue: queue ?? null, agent: agent ?? null, read: read ?? 0 } };
}
