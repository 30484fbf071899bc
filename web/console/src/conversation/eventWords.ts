// What happened, in the words of staff: owner and status changes, and notices that the customer was given.
import type { Message } from '../api/types'
import type { EventBody } from '../live/frames'
import { plain } from '../shared/codes'

function text(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null
}

function actorName({ actor }: EventBody): string | null {
  if (typeof actor !== 'object' || actor === null || !('type' in actor) || actor.type !== 'agent') return null
  return 'name' in actor ? text(actor.name) : null
}

function toAgent(event: EventBody): string {
  const agent = text(event.agent_name) ?? 'An agent'
  const actor = actorName(event)
  if (actor && actor !== agent) return `${actor} passed it to ${agent}`
  if (event.from === 'queue') return `${agent} took it from the queue`
  if (event.from === 'bot') return `${agent} took it over from the assistant`
  return event.from === 'agent' ? `${agent} took it over` : `${agent} has the conversation`
}

function toQueue(event: EventBody): string {
  const actor = actorName(event)
  if (event.from === 'agent' && actor) return `${actor} put it back into the queue`
  const reason = text(event.reason)
  return reason ? `Into the queue: ${plain(reason).toLowerCase()}` : 'Into the queue'
}

function toBot(event: EventBody): string | null {
  // Resolving gives the conversation back too; the change of status says it.
  if (event.reason === 'resolved') return null
  if (event.reason === 'customer_left_queue') return 'The customer left the queue'
  const actor = actorName(event)
  return actor ? `${actor} returned it to the assistant` : 'Back with the assistant'
}

function toStatus(event: EventBody): string | null {
  const actor = actorName(event)
  const by = actor ? ` by ${actor}` : ''
  const reason = text(event.reason)
  if (event.to === 'resolved') return `Resolved${by}${reason ? `: ${plain(reason).toLowerCase()}` : ''}`
  if (event.to === 'open') return event.from === 'resolved' ? `Reopened${by}` : null
  const status = text(event.to)
  return status ? plain(status) : null
}

/** Words for an event that has no message of its own; null for what nobody needs to read. */
export function eventWords(event: EventBody): string | null {
  if (event.type === 'status_changed') return toStatus(event)
  if (event.type !== 'owner_changed') return null
  if (event.to === 'agent') return toAgent(event)
  if (event.to === 'queue') return toQueue(event)
  return event.to === 'bot' ? toBot(event) : null
}

/** The event that says the same to staff as a notice says to the customer. */
const TOLD_BY: Record<string, (event: EventBody) => boolean> = {
  queued: (event) => event.type === 'owner_changed' && event.to === 'queue',
  agent_lost: (event) => event.type === 'owner_changed' && event.to === 'queue',
  agent_joined: (event) => event.type === 'owner_changed' && event.to === 'agent',
  agent_left: (event) => event.type === 'owner_changed',
  assistant_back: (event) => event.type === 'owner_changed' && event.to === 'bot',
  resolved: (event) => event.type === 'status_changed' && event.to === 'resolved',
  reopened: (event) => event.type === 'status_changed' && event.to === 'open',
}

export function saysTheSame(notice: Message, event: EventBody): boolean {
  return TOLD_BY[notice.payload.notice ?? '']?.(event) ?? false
}

const NOTICES: Record<string, string> = {
  queued: 'Into the queue',
  nobody_available: 'Nobody was available: a ticket was offered',
  closed_hours: 'Outside of opening hours: a ticket was offered',
  assistant_back: 'Back with the assistant',
  bot_failed: 'The customer was told that the assistant failed',
  masked: 'The customer was told that something sensitive was removed',
  resolved: 'Resolved',
  reopened: 'Reopened',
}

/** Notices are written for the customer; staff read the short form. Safety advice is shown as it was given. */
export function noticeWords({ payload, text: said }: Message): string {
  const known = NOTICES[payload.notice ?? '']
  return known ?? (said || plain(payload.notice ?? 'notice'))
}
