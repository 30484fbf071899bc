// What the transcript shows, line by line: day separators, thin lines, and messages in groups.
import type { Message } from '../api/types'
import type { EventBody } from '../live/frames'
import type { Timeline, TimelineEvent } from '../live/timeline'
import { plain } from '../shared/codes'
import { sameDay } from '../shared/time'

export type Row =
  | { type: 'day'; key: string; at: string }
  | { type: 'line'; key: string; text: string; event_seq: number; at: string | null }
  | { type: 'message'; key: string; message: Message; first: boolean }

const GROUP_MS = 5 * 60_000

/** Notices are written by the system and read as thin lines, not as somebody's words. */
export function isNotice(message: Message): boolean {
  return message.kind === 'notice' || (message.author.type === 'system' && message.kind === 'text')
}

export function isNote(message: Message): boolean {
  return message.payload.note === true
}

function continues(before: Message | undefined, message: Message): boolean {
  return (
    before !== undefined &&
    !isNotice(before) &&
    before.author.type === message.author.type &&
    before.author.name === message.author.name &&
    isNote(before) === isNote(message) &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < GROUP_MS
  )
}

/** Words for an event that has no message of its own; null for what nobody needs to read. */
export function eventWords(event: EventBody): string | null {
  const name = typeof event.agent_name === 'string' ? event.agent_name : 'An agent'
  switch (event.type) {
    case 'owner_changed':
      if (event.to === 'agent') return `${name} has the conversation`
      if (event.to === 'queue') return 'Waiting in the queue'
      return event.to === 'bot' ? 'The assistant has the conversation' : null
    case 'status_changed':
      return typeof event.to === 'string' ? `Now: ${plain(event.to).toLowerCase()}` : null
    default:
      return null
  }
}

/** A change of owner usually comes with a notice for the customer; one line for both is enough. */
function isTold(event: TimelineEvent, messages: Message[]): boolean {
  return messages.some(
    (message) => isNotice(message) && Math.abs(message.event_seq - event.event_seq) <= 2,
  )
}

function lineOf({ event_seq, event, at }: TimelineEvent): Row | null {
  const text = eventWords(event)
  return text === null ? null : { type: 'line', key: `event-${event_seq}`, text, event_seq, at }
}

/** The rows of a timeline in event order. */
export function rowsOf({ messages, events }: Pick<Timeline, 'messages' | 'events'>): Row[] {
  const rows: Row[] = []
  const lines = events.filter((event) => !isTold(event, messages))
  let before: Message | undefined
  let line = 0
  const linesBefore = (event_seq: number) => {
    for (let next = lines[line]; next && next.event_seq < event_seq; next = lines[++line]) {
      const row = lineOf(next)
      if (row) rows.push(row)
      before = row ? undefined : before
    }
  }
  let day: string | null = null
  for (const message of messages) {
    linesBefore(message.event_seq)
    if (day === null || !sameDay(day, message.created_at)) {
      rows.push({ type: 'day', key: `day-${message.id}`, at: message.created_at })
      before = undefined
    }
    day = message.created_at
    rows.push(rowOf(message, continues(before, message)))
    before = message
  }
  linesBefore(Infinity)
  return rows
}

function rowOf(message: Message, continued: boolean): Row {
  if (!isNotice(message)) return { type: 'message', key: message.id, message, first: !continued }
  const { text, event_seq, created_at } = message
  const told = text || plain(message.payload.notice ?? 'notice')
  return { type: 'line', key: message.id, text: told, event_seq, at: created_at }
}
