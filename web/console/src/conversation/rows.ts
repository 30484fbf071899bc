// What the transcript shows, line by line: day separators, thin lines, and messages in groups.
import type { Message } from '../api/types'
import type { Timeline, TimelineEvent } from '../live/timeline'
import { sameDay } from '../shared/time'
import { eventWords, noticeWords, saysTheSame } from './eventWords'

export type Row =
  | { type: 'day'; key: string; at: string }
  | {
      type: 'line'
      key: string
      text: string
      /** What the customer was told, where they were. */
      said: string | null
      event_seq: number
      at: string | null
    }
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

/** Events and notices of one change lie close together; a notice that an event repeats is left out. */
const NEAR = 4

function isRepeated(message: Message, events: TimelineEvent[]): boolean {
  return events.some(
    ({ event, event_seq }) =>
      Math.abs(event_seq - message.event_seq) <= NEAR && saysTheSame(message, event) && eventWords(event) !== null,
  )
}

function lineOf({ event_seq, event, at }: TimelineEvent): Row | null {
  const text = eventWords(event)
  return text === null ? null : { type: 'line', key: `event-${event_seq}`, text, said: null, event_seq, at }
}

/** The rows of a timeline in event order. */
export function rowsOf({ messages, events }: Pick<Timeline, 'messages' | 'events'>): Row[] {
  const rows: Row[] = []
  let before: Message | undefined
  let line = 0
  const linesBefore = (event_seq: number) => {
    for (let next = events[line]; next && next.event_seq < event_seq; next = events[++line]) {
      const row = lineOf(next)
      if (row) rows.push(row)
      before = row ? undefined : before
    }
  }
  let day: string | null = null
  for (const message of messages) {
    linesBefore(message.event_seq)
    if (isNotice(message) && isRepeated(message, events)) continue
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
  const { id, text, event_seq, created_at } = message
  return { type: 'line', key: id, text: noticeWords(message), said: text, event_seq, at: created_at }
}
