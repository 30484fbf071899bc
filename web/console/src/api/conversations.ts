// Reading conversations: the lists, one in detail, its messages; and the verbs an agent has for it.
import { queryOptions, useInfiniteQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { emptyCollection, reconcile, upsert, type Collection } from '../live/collection'
import { openTimeline, type Timeline, type TimelineEvent } from '../live/timeline'
import { api, body, hasMore } from './client'
import { keys } from './keys'
import type { Closure, ConversationDetail, ConversationItem, Message, Page, Transfer } from './types'

const LIMIT = 200
const MESSAGES = 100

type Filter = { owner: string; status: string } | { agent: string; status: string }

async function listOf(filter: Filter, signal: AbortSignal): Promise<Page<ConversationItem>> {
  const query = { ...filter, limit: LIMIT }
  return body(await api.GET('/api/conversations', { params: { query }, signal })) as Page<ConversationItem>
}

async function readLists(client: QueryClient, me: string, signal: AbortSignal): Promise<Collection> {
  const cached = () => client.getQueryData<Collection>(keys.conversations) ?? emptyCollection
  const since = cached().clock
  const [queue, mine, pending, bot] = await Promise.all([
    listOf({ owner: 'queue', status: 'open' }, signal),
    listOf({ agent: 'me', status: 'open' }, signal),
    listOf({ agent: 'me', status: 'pending_customer' }, signal),
    listOf({ owner: 'bot', status: 'open' }, signal),
  ])
  const items = [queue, mine, pending, bot].flatMap((page) => page.items)
  const truncated = {
    waiting: hasMore(queue),
    mine: hasMore(mine) || hasMore(pending),
    bot: hasMore(bot),
  }
  return reconcile(cached(), items, since, truncated, me)
}

export function conversationsQuery(me: string) {
  return queryOptions({
    queryKey: keys.conversations,
    queryFn: ({ client, signal }) => readLists(client, me, signal),
    staleTime: 30_000,
  })
}

/** Pages of every conversation, whatever its state; they join the same collection as the live lists. */
export function useAllConversations(enabled: boolean) {
  const client = useQueryClient()
  return useInfiniteQuery({
    queryKey: [...keys.conversations, 'all'],
    enabled,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam ? { after: pageParam } : {}) }
      const answer = await api.GET('/api/conversations', { params: { query }, signal })
      const page = body(answer) as Page<ConversationItem>
      client.setQueryData<Collection>(keys.conversations, (known) =>
        upsert(known ?? emptyCollection, page.items),
      )
      return { next: page.next, count: page.items.length }
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

export function conversationQuery(id: string) {
  return queryOptions({
    queryKey: keys.conversation(id),
    queryFn: async ({ signal }) =>
      body(await api.GET('/api/conversations/{conversation_id}', { params: { path: { conversation_id: id } }, signal })) as ConversationDetail,
  })
}

/** One page of messages; `after` ascends from a number, `before` goes back from one. */
export async function readMessages(
  id: string,
  range: { after?: number; before?: number },
): Promise<Page<Message>> {
  const query = { ...range, limit: MESSAGES }
  const params = { path: { conversation_id: id }, query }
  return body(await api.GET('/api/conversations/{conversation_id}/messages', { params })) as Page<Message>
}

/** The events without a message from a number on; the thin lines are worth a few pages, not all of them. */
async function readLines(id: string, from: number): Promise<TimelineEvent[]> {
  const lines: TimelineEvent[] = []
  let after = Math.max(0, from - 1)
  for (let pages = 0; pages < 3; pages += 1) {
    const params = { path: { conversation_id: id }, query: { after, limit: LIMIT } }
    const page = body(await api.GET('/api/conversations/{conversation_id}/events', { params }))
    for (const { event_seq, type, data, message_id, at } of page.items) {
      if (message_id === null) lines.push({ event_seq, event: { ...data, type }, at })
    }
    if (!hasMore(page)) break
    after = page.items.at(-1)?.event_seq ?? after
  }
  return lines
}

export function timelineQuery(id: string) {
  return queryOptions({
    queryKey: keys.timeline(id),
    queryFn: async (): Promise<Timeline> => {
      const page = await readMessages(id, {})
      const older = hasMore(page)
      const from = older ? Math.min(...page.items.map((message) => message.event_seq)) : 0
      return openTimeline(page.items, older, await readLines(id, from))
    },
    // From here on the socket keeps it fresh; a reload would throw away older pages and thin lines.
    staleTime: Infinity,
    gcTime: 60_000,
  })
}

interface Outgoing { client_id: string; conversation_id: string; text: string; note: boolean }

export async function sendMessage({ conversation_id, client_id, text, note }: Outgoing): Promise<Message> {
  const request = { params: { path: { conversation_id } }, body: { client_id, text } }
  const answer = note
    ? await api.POST('/api/conversations/{conversation_id}/notes', request)
    : await api.POST('/api/conversations/{conversation_id}/messages', request)
  return body(answer) as Message
}

export async function claim(item: ConversationItem): Promise<ConversationDetail> {
  const answer = await api.POST('/api/conversations/{conversation_id}/assignment', {
    params: { path: { conversation_id: item.id } },
    body: { owner_epoch: item.owner_epoch },
  })
  return body(answer) as ConversationDetail
}

export function transfer(id: string, change: Transfer) {
  return api.POST('/api/conversations/{conversation_id}/transfer', { params: { path: { conversation_id: id } }, body: change })
}

export function close(id: string, closure: Closure) {
  return api.POST('/api/conversations/{conversation_id}/closure', { params: { path: { conversation_id: id } }, body: closure })
}
