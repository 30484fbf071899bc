// The frames of the staff socket, and the check that makes them out of untrusted JSON.
import type { ConversationItem, Message } from '../api/types'

/** What happened in a conversation; `type` is past tense, the rest depends on it. */
export type EventBody = { type: string } & Record<string, unknown>

export interface EventFrame {
  type: 'event'
  conversation_id: string
  event_seq: number
  event: EventBody
  message?: Message | null
}

export type ServerFrame =
  | { type: 'ready' }
  | EventFrame
  | { type: 'conversation'; conversation: ConversationItem }
  | { type: 'typing'; conversation_id: string; author: string }
  | { type: 'presence'; user_id: string }
  | { type: 'banner'; code: string; active: boolean }
  | { type: 'ping'; heads: Record<string, number> }

export type ClientFrame =
  | { type: 'hello'; after: Record<string, number> }
  | { type: 'watch'; conversation_id: string; after: number }
  | { type: 'unwatch'; conversation_id: string }
  | { type: 'typing'; conversation_id: string }
  | { type: 'ping' }

type Json = Record<string, unknown>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Agents are named; of the others it is enough to know which kind writes. */
function writer({ author, name }: Json): string {
  if (typeof name === 'string' && name) return name
  if (isObject(author)) return writer({ author: author.type, name: author.name })
  return author === 'bot' ? 'The assistant' : author === 'agent' ? 'An agent' : 'The customer'
}

function heads(value: unknown): Record<string, number> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

function eventFrame(frame: Json): EventFrame | null {
  const { conversation_id, event_seq, event, message } = frame
  if (typeof conversation_id !== 'string' || typeof event_seq !== 'number') return null
  const type = isObject(event) && typeof event.type === 'string' ? event.type : 'unknown'
  return {
    type: 'event',
    conversation_id,
    event_seq,
    event: isObject(event) ? { ...event, type } : { type },
    message: isObject(message) && typeof message.id === 'string' ? (message as unknown as Message) : null,
  }
}

/** The frame in `text`, or null for what this console does not know: a newer server may say more. */
export function parseFrame(text: string): ServerFrame | null {
  let frame: unknown
  try {
    frame = JSON.parse(text)
  } catch {
    return null
  }
  if (!isObject(frame)) return null
  switch (frame.type) {
    case 'ready':
      return { type: 'ready' }
    case 'event':
      return eventFrame(frame)
    case 'conversation':
      return isObject(frame.conversation) && typeof frame.conversation.id === 'string'
        ? { type: 'conversation', conversation: frame.conversation as unknown as ConversationItem }
        : null
    case 'typing':
      return typeof frame.conversation_id === 'string'
        ? { type: 'typing', conversation_id: frame.conversation_id, author: writer(frame) }
        : null
    case 'presence':
      return typeof frame.user_id === 'string' ? { type: 'presence', user_id: frame.user_id } : null
    case 'banner':
      return typeof frame.code === 'string'
        ? { type: 'banner', code: frame.code, active: frame.active === true }
        : null
    case 'ping':
      return { type: 'ping', heads: heads(frame.heads) }
    default:
      return null
  }
}
