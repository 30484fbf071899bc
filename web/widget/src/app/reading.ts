// How far the customer has read: counts what is new, and tells the server once it has been looked at.
import type { Chat } from "./chat";
import type { Session } from "./session";

const TELL_AFTER_MS = 400;

export class Reading {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly chat: Chat,
    private readonly session: Session,
  ) {}

  /** Messages from the assistant or from people that have not been looked at. */
  get unread(): number {
    const read = this.chat.conversation?.read ?? 0;
    const messages = this.chat.ledger.current?.items ?? [];
    const fromThem = ["bot", "agent"];
    return messages.filter((message) => message.seq > read && fromThem.includes(message.author.type)).length;
  }

  /** Everything shown has been looked at. */
  seen(): void {
    const { conversation, ledger } = this.chat;
    const seq = ledger.current?.last ?? 0;
    if (!conversation || seq <= (conversation.read ?? 0)) return;
    this.chat.patch(conversation.id, { read: seq });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const path = `/api/visitor/conversations/${encodeURIComponent(conversation.id)}/read`;
      this.session.call("PUT", path, { seq }).catch(() => {
        // A read mark that was lost is set again by the next message that is looked at.
      });
    }, TELL_AFTER_MS);
  }
}
