// Small makers of the shapes that the tests talk about.
import type { ConversationItem, Message } from '../src/api/types'

export function message(event_seq: number, change: Partial<Message> = {}): Message {
  return {
    id: `m${event_seq}`,
    conversation_id: 'c1',
    seq: event_seq,
    event_seq,
    author: { type: 'customer', name: 'Nora' },
    kind: 'text',
    text: `text ${event_seq}`,
    payload: {},
    attachments: [],
    reply_to: null,
    client_id: null,
    created_at: new Date(Date.UTC(2026, 10, 23, 6, 0, event_seq)).toISOString(),
    ...change,
  }
}

export function item(id: string, change: Partial<ConversationItem> = {}): ConversationItem {
  return {
    id,
    inbox: { key: 'default', name: 'Shop' },
    customer: { id: `cu-${id}`, name: id, email: null },
    status: 'open',
    owner: 'bot',
    owner_epoch: 1,
    agent: null,
    language: 'en',
    last_message: null,
    queue: null,
    last_seq: 1,
    last_event_seq: 1,
    created_at: '2026-11-23T06:00:00.000Z',
    updated_at: '2026-11-23T06:00:00.000Z',
    ...change,
  }
}

export function waiting(id: string, requested_at: string, priority = 1): ConversationItem {
  return item(id, { owner: 'queue', queue: { requested_at, priority, state: 'waiting' } })
}
