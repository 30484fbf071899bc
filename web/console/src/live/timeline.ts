// One conversation as the staff see it: its messages in event order, and how far the ledger has been read.
import type { Message } from '../api/types'
import type { EventBody, EventFrame } from './frames'

/** An event without a message of its own, such as a change of owner. */
export interface TimelineEvent {
  event_seq: number
  event: EventBody
  at: string | null
}

export interface Timeline {
  /** Ascending by `event_seq`; each message once. */
  messages: Message[]
  events: TimelineEvent[]
  /** Everything up to this number has been read. */
  head: number
  /** The highest number heard of; above `head` means that something is missing. */
  heard: number
  /** Whether older messages can be asked for. */
  older: boolean
}

export const emptyTimeline: Timeline = { messages: [], events: [], head: 0, heard: 0, older: false }

/** Adds or replaces by id. The sort is what makes the order of arrival irrelevant. */
export function mergeMessages(known: Message[], more: Message[]): Message[] {
  const byId = new Map(known.map((message) => [message.id, message]))
  for (const message of more) {
    const before = byId.get(message.id)
    // Only the author's own copy carries the client id; it must survive a copy without it.
    byId.set(message.id, before?.client_id ? { ...message, client_id: before.client_id } : message)
  }
  return [...byId.values()].sort((a, b) => a.event_seq - b.event_seq)
}

function newest(messages: Message[]): number {
  return messages.reduce((highest, message) => Math.max(highest, message.event_seq), 0)
}

/** The first page: the newest messages. */
export function openTimeline(messages: Message[], older: boolean, events: TimelineEvent[] = []): Timeline {
  const head = newest(messages)
  return { messages: mergeMessages([], messages), events, head, heard: head, older }
}

/** A page of older messages, put in front. */
export function withOlder(timeline: Timeline, messages: Message[], older: boolean): Timeline {
  return { ...timeline, messages: mergeMessages(timeline.messages, messages), older }
}

/** The answer to "what came after `head`?". It is complete up to `upTo`, the number heard before asking. */
export function withMissed(timeline: Timeline, messages: Message[], upTo: number): Timeline {
  const head = Math.max(timeline.head, upTo, newest(messages))
  return {
    ...timeline,
    messages: mergeMessages(timeline.messages, messages),
    head,
    heard: Math.max(timeline.heard, head),
  }
}

/** An event from the socket. One that skips a number is shown at once, but `head` waits for the gap. */
export function withEvent(timeline: Timeline, frame: EventFrame): Timeline {
  if (frame.event_seq <= timeline.head && !frame.message) return timeline
  return {
    ...timeline,
    messages: frame.message ? mergeMessages(timeline.messages, [frame.message]) : timeline.messages,
    events: frame.message ? timeline.events : withLine(timeline.events, frame),
    head: frame.event_seq === timeline.head + 1 ? frame.event_seq : timeline.head,
    heard: Math.max(timeline.heard, frame.event_seq),
  }
}

function withLine(events: TimelineEvent[], { event_seq, event }: EventFrame): TimelineEvent[] {
  if (events.some((known) => known.event_seq === event_seq)) return events
  return [...events, { event_seq, event, at: null }].sort((a, b) => a.event_seq - b.event_seq)
}

/** The head told by a ping. */
export function withHead(timeline: Timeline, head: number): Timeline {
  return head > timeline.heard ? { ...timeline, heard: head } : timeline
}

/** A message of our own, as the POST answered it; the socket may be slower or faster. */
export function withOwn(timeline: Timeline, message: Message): Timeline {
  const next = message.event_seq === timeline.head + 1
  return {
    ...timeline,
    messages: mergeMessages(timeline.messages, [message]).map((known) =>
      known.id === message.id ? { ...known, client_id: message.client_id } : known,
    ),
    head: next ? message.event_seq : timeline.head,
    heard: Math.max(timeline.heard, message.event_seq),
  }
}

export function isBehind(timeline: Timeline): boolean {
  return timeline.heard > timeline.head
}
