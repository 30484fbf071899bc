// What a frame does to the cache: lists are upserted, timelines extended, gaps fetched.
import type { QueryClient } from '@tanstack/react-query'
import { readMessages } from '../api/conversations'
import { hasMore } from '../api/client'
import { keys } from '../api/keys'
import type { ConversationDetail, ConversationItem } from '../api/types'
import { emptyCollection, hasArrived, upsert, type Collection } from './collection'
import type { EventFrame } from './frames'
import { isBehind, withEvent, withHead, withMissed, type Timeline } from './timeline'

/** Events that change neither packet nor participants nor tickets. */
const QUIET = new Set(['message_posted', 'note_added', 'turn_ended'])

/** Takes a list item in and says whether it has just arrived in the queue. */
export function takeConversation(client: QueryClient, item: ConversationItem): boolean {
  const known = client.getQueryData<Collection>(keys.conversations)
  client.setQueryData<Collection>(keys.conversations, upsert(known ?? emptyCollection, [item]))
  client.setQueryData<ConversationDetail>(keys.conversation(item.id), (detail) =>
    detail && detail.last_event_seq <= item.last_event_seq ? { ...detail, ...item } : detail,
  )
  // Before the first list is there, everything would look new.
  return known !== undefined && hasArrived(known.items[item.id], item)
}

export function takeEvent(client: QueryClient, frame: EventFrame): void {
  const id = frame.conversation_id
  client.setQueryData<Timeline>(keys.timeline(id), (timeline) => timeline && withEvent(timeline, frame))
  if (!QUIET.has(frame.event.type)) {
    void client.invalidateQueries({ queryKey: keys.conversation(id) })
  }
  void catchUp(client, id)
}

/** A ping tells how far each ledger has grown; whoever is behind reads the rest. */
export function takeHeads(client: QueryClient, heads: Record<string, number>): void {
  for (const [id, head] of Object.entries(heads)) {
    client.setQueryData<Timeline>(keys.timeline(id), (timeline) => timeline && withHead(timeline, head))
    void catchUp(client, id)
  }
}

export function headOf(client: QueryClient, id: string): number {
  return client.getQueryData<Timeline>(keys.timeline(id))?.head ?? 0
}

const underWay = new Map<string, Promise<void>>()

/** Reads what is missing, one reader per conversation; `anyway` asks even if nothing was heard of. */
export function catchUp(client: QueryClient, id: string, anyway = false): Promise<void> {
  const running = underWay.get(id)
  if (running) return running
  const reading = readMissed(client, id, anyway)
    .catch(() => undefined) // The next ping or the next reconnect asks again.
    .finally(() => underWay.delete(id))
  underWay.set(id, reading)
  return reading
}

async function readMissed(client: QueryClient, id: string, anyway: boolean): Promise<void> {
  const current = () => client.getQueryData<Timeline>(keys.timeline(id))
  let ask = anyway
  for (let timeline = current(); timeline && (ask || isBehind(timeline)); timeline = current()) {
    const { head, heard } = timeline
    const page = await readMessages(id, { after: head })
    const reached = page.items.reduce((highest, item) => Math.max(highest, item.event_seq), head)
    // Only the last page reaches up to what was heard before asking.
    const upTo = hasMore(page) ? reached : heard
    client.setQueryData<Timeline>(
      keys.timeline(id),
      (known) => known && withMissed(known, page.items, upTo),
    )
    if (hasMore(page) && page.items.length === 0) return
    ask = hasMore(page)
  }
}
