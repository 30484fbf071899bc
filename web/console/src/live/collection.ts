// The conversations of the lists: kept by id, upserted from the socket, sorted into tabs.
import type { ConversationItem } from '../api/types'

export type Tab = 'waiting' | 'mine' | 'bot' | 'all'
export const TABS: readonly Tab[] = ['waiting', 'mine', 'bot', 'all']

export interface Collection {
  items: Record<string, ConversationItem>
  /** When each item was last heard of, in ticks of `clock`. */
  touched: Record<string, number>
  clock: number
  /** Tabs of which the server holds more than it sent. */
  truncated: Partial<Record<Tab, boolean>>
}

export const emptyCollection: Collection = { items: {}, touched: {}, clock: 0, truncated: {} }

function isOlder(incoming: ConversationItem, known: ConversationItem): boolean {
  if (incoming.last_event_seq !== known.last_event_seq) return incoming.last_event_seq < known.last_event_seq
  if (incoming.owner_epoch !== known.owner_epoch) return incoming.owner_epoch < known.owner_epoch
  return incoming.updated_at < known.updated_at
}

/** Takes items in; what is older than the known state is ignored, so late frames do no harm. */
export function upsert(collection: Collection, incoming: ConversationItem[]): Collection {
  const clock = collection.clock + 1
  const items = { ...collection.items }
  const touched = { ...collection.touched }
  for (const item of incoming) {
    const known = items[item.id]
    touched[item.id] = clock
    if (!known || !isOlder(item, known)) items[item.id] = item
  }
  return { ...collection, items, touched, clock }
}

/** Whether a fresh read of the lists would have named `item`, were it still so. */
function isCovered(item: ConversationItem, truncated: Collection['truncated'], me: string): boolean {
  if (item.owner === 'queue') return item.status === 'open' && !truncated.waiting
  if (item.owner === 'bot') return item.status === 'open' && !truncated.bot
  const mine = item.agent?.id === me && (item.status === 'open' || item.status === 'pending_customer')
  return mine && !truncated.mine
}

/**
 * The outcome of a fresh read that began at tick `since`: an open conversation that it does not name
 * is gone, unless the socket brought it while the read was under way.
 */
export function reconcile(
  collection: Collection,
  fetched: ConversationItem[],
  since: number,
  truncated: Collection['truncated'],
  me: string,
): Collection {
  const named = new Set(fetched.map((item) => item.id))
  const kept = Object.values(collection.items).filter(
    (item) =>
      named.has(item.id) || (collection.touched[item.id] ?? 0) > since || !isCovered(item, truncated, me),
  )
  const items = Object.fromEntries(kept.map((item) => [item.id, item]))
  return { ...upsert({ ...collection, items }, fetched), truncated }
}

const PRIORITIES = ['low', 'normal', 'high', 'urgent']

/** The queue counts priorities upwards from 0; people read them by name, as those of tickets. */
export function priorityName(priority: number | undefined): string {
  return PRIORITIES[priority ?? 1] ?? 'urgent'
}

function urgency(item: ConversationItem): number {
  return item.queue?.priority ?? 1
}

/** Since when the customer of a queued conversation waits. */
export function waitingSince(item: ConversationItem): string {
  return item.queue?.requested_at ?? item.updated_at
}

export function isWaiting(item: ConversationItem): boolean {
  return item.owner === 'queue' && item.status !== 'resolved'
}

function byWait(a: ConversationItem, b: ConversationItem): number {
  return (
    urgency(b) - urgency(a) ||
    waitingSince(a).localeCompare(waitingSince(b)) ||
    a.id.localeCompare(b.id)
  )
}

function byNews(a: ConversationItem, b: ConversationItem): number {
  return activity(b).localeCompare(activity(a)) || a.id.localeCompare(b.id)
}

function activity(item: ConversationItem): string {
  return item.last_message?.at ?? item.updated_at
}

/** Whether the customer spoke last. */
export function needsReply(item: ConversationItem): boolean {
  return item.status !== 'resolved' && item.last_message?.author_type === 'customer'
}

export function inTab(item: ConversationItem, tab: Tab, me: string): boolean {
  switch (tab) {
    case 'waiting':
      return isWaiting(item)
    case 'mine':
      return item.owner === 'agent' && item.agent?.id === me && item.status !== 'resolved'
    case 'bot':
      return item.owner === 'bot' && item.status === 'open'
    case 'all':
      return true
  }
}

/** The conversations of a tab in working order: waiting by priority, then longest wait; the rest by news. */
export function listFor(collection: Collection, tab: Tab, me: string): ConversationItem[] {
  const items = Object.values(collection.items).filter((item) => inTab(item, tab, me))
  return items.sort(tab === 'waiting' ? byWait : byNews)
}

/** How many a tab holds, "200+" where the server has more than it sent. */
export function countFor(collection: Collection, tab: Tab, me: string): string {
  const count = Object.values(collection.items).filter((item) => inTab(item, tab, me)).length
  return collection.truncated[tab] ? `${count}+` : String(count)
}

/** Whether `item` has just come into the queue. */
export function hasArrived(known: ConversationItem | undefined, item: ConversationItem): boolean {
  if (!isWaiting(item)) return false
  return !known || (!isWaiting(known) && !isOlder(item, known))
}
