// The mock desk's state and the few rules that the console relies on: numbers, owners, one winner per claim.
import { randomUUID } from 'node:crypto'
import type { ConversationDetail, ConversationItem, Me, Message } from '../../src/api/types'
import { ago, articles, PARCEL_PACKET, staff, texts, tickets } from './cast'

export type Frame = Record<string, unknown> & { type: string }
type Author = Message['author']

interface Conversation {
  detail: ConversationDetail
  messages: Message[]
  events: { event_seq: number; type: string; data: Record<string, unknown>; message_id: string | null; at: string }[]
}

export interface Posted {
  text: string
  kind?: string
  payload?: Message['payload']
  client_id?: string
  at?: string
}

const NOTICE: Author = { type: 'system', name: null }

export class World {
  readonly staff = staff()
  readonly tickets = tickets()
  readonly articles = articles()
  readonly texts = texts()
  readonly conversations = new Map<string, Conversation>()
  readonly sessions = new Map<string, string>()
  readonly listeners = new Set<(frame: Frame) => void>()
  /** While set, requests get this status and sockets are refused. */
  down = 0
  failedLogins = 0

  person(id: string): Me | undefined {
    return this.staff.find((one) => one.id === id)
  }

  begin(id: string, name: string | null, change: Partial<ConversationDetail> = {}): Conversation {
    const at = change.created_at ?? ago(10)
    const detail: ConversationDetail = {
      id,
      inbox: { key: 'default', name: 'Halden shop' },
      customer: { id: `cu-${id}`, name, email: name ? `${name.split(' ')[0]?.toLowerCase() ?? ''}@example.org` : null },
      status: 'open',
      owner: 'bot',
      owner_epoch: 1,
      agent: null,
      language: 'en',
      last_message: null,
      queue: null,
      last_seq: 0,
      last_event_seq: 0,
      created_at: at,
      updated_at: at,
      packet: null,
      page_url: null,
      topic: null,
      resolution: null,
      participants: [],
      tickets: [],
      ...change,
    }
    const conversation = { detail, messages: [], events: [] }
    this.conversations.set(id, conversation)
    return conversation
  }

  get(id: string): Conversation {
    const found = this.conversations.get(id)
    if (!found) throw new Error(`no conversation ${id}`)
    return found
  }

  item(id: string): ConversationItem {
    const item: Partial<ConversationDetail> = { ...this.get(id).detail }
    delete item.packet
    delete item.participants
    delete item.tickets
    delete item.page_url
    delete item.topic
    delete item.resolution
    return item as ConversationItem
  }

  post(id: string, author: Author, posted: Posted): Message {
    const { detail, messages } = this.get(id)
    const known = posted.client_id && messages.find((message) => message.client_id === posted.client_id)
    if (known) return known
    const note = posted.payload?.note === true
    const at = posted.at ?? new Date().toISOString()
    if (!note) detail.last_seq += 1
    const message: Message = {
      id: randomUUID(),
      conversation_id: id,
      seq: note ? null : detail.last_seq,
      event_seq: detail.last_event_seq + 1,
      author,
      kind: posted.kind ?? 'text',
      text: posted.text,
      payload: posted.payload ?? {},
      attachments: [],
      reply_to: null,
      client_id: posted.client_id ?? null,
      created_at: at,
    }
    messages.push(message)
    if (!note && author.type !== 'system') detail.last_message = { text: posted.text, author_type: author.type, at }
    detail.updated_at = at
    this.record(id, note ? 'note_added' : 'message_posted', {}, message)
    return message
  }

  record(id: string, type: string, data: Record<string, unknown>, message: Message | null = null): void {
    const { detail, events } = this.get(id)
    detail.last_event_seq += 1
    const event_seq = detail.last_event_seq
    events.push({ event_seq, type, data, message_id: message?.id ?? null, at: new Date().toISOString() })
    this.tell({ type: 'event', conversation_id: id, event_seq, event: { ...data, type }, message })
    this.tell({ type: 'conversation', conversation: this.item(id) })
  }

  own(
    id: string,
    owner: ConversationItem['owner'],
    agent: Me | null,
    notice: string,
    text: string,
    why: Record<string, unknown> = {},
  ): void {
    const { detail } = this.get(id)
    const before = detail.owner
    detail.owner = owner
    detail.owner_epoch += 1
    detail.agent = agent ? { id: agent.id, name: agent.name } : null
    detail.queue = owner === 'queue' ? (detail.queue ?? place(1, 0)) : null
    detail.participants = detail.agent ? [detail.agent] : []
    this.record(id, 'owner_changed', { from: before, to: owner, agent_name: agent?.name ?? null, ...why })
    this.post(id, NOTICE, { text, kind: 'notice', payload: { notice } })
    for (const one of this.staff) {
      const held = [...this.conversations.values()].filter(({ detail: each }) => each.agent?.id === one.id)
      one.presence.load = held.length
    }
  }

  close(id: string, by: Me | null = null): void {
    const { detail } = this.get(id)
    detail.status = 'resolved'
    this.own(id, 'bot', null, 'resolved', 'This conversation was closed as solved.', { reason: 'resolved' })
    const actor = by ? { type: 'agent', id: by.id, name: by.name } : { type: 'system' }
    this.record(id, 'status_changed', { from: 'open', to: 'resolved', reason: 'question_answered', actor })
  }

  /** A customer comes into the queue, just now. */
  arrive(id: string, name: string, text: string, priority = 1): void {
    this.begin(id, name, { created_at: ago(0), packet: { ...PARCEL_PACKET, tried: [], mood: [] } })
    this.post(id, { type: 'customer', name }, { text })
    this.get(id).detail.queue = place(priority, 0)
    this.own(id, 'queue', null, 'queued', 'You are in the queue.')
  }

  tell(frame: Frame): void {
    this.listeners.forEach((listener) => listener(structuredClone(frame)))
  }
}

export function place(priority: number, minutes: number) {
  return { requested_at: ago(minutes), priority, state: 'waiting' as const }
}
