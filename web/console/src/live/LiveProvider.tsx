// Binds the socket to the cache and to React: link status, banners, typing, arrivals, and the outbox.
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, type ReactNode } from 'react'
import { sendMessage } from '../api/conversations'
import { keys } from '../api/keys'
import { useMe } from '../api/session'
import type { ConversationItem, Message } from '../api/types'
import { refused } from '../conversation/refused'
import { Outbox } from '../conversation/outbox'
import { makeStore } from '../shared/store'
import { announceArrival } from './arrivals'
import { catchUp, headOf, takeConversation, takeEvent, takeHeads } from './apply'
import { LiveContext, type Live, type LiveState } from './context'
import type { ServerFrame } from './frames'
import { Link } from './socket'
import { withOwn, type Timeline } from './timeline'

const TYPING_LASTS_MS = 5_000
const POLL_EVERY_MS = 5_000

function socketUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/socket`
}

function makeLive(client: QueryClient, user: string, name: string): Live & { link: Link } {
  const state = makeStore<LiveState>({ status: 'connecting', everReady: false, banners: {}, typing: {} })

  const onTyping = (id: string, author: string) => {
    if (author === name) return
    const until = Date.now() + TYPING_LASTS_MS
    state.set((now) => ({ ...now, typing: { ...now.typing, [id]: { author, until } } }))
  }

  const onFrame = (frame: ServerFrame) => {
    if (frame.type === 'conversation') onConversation(client, frame.conversation)
    else if (frame.type === 'event') {
      takeEvent(client, frame)
      if (frame.message) stopTyping(frame.conversation_id)
    } else if (frame.type === 'ping') takeHeads(client, frame.heads)
    else if (frame.type === 'typing') onTyping(frame.conversation_id, frame.author)
    else if (frame.type === 'presence') {
      void client.invalidateQueries({ queryKey: keys.agents })
      if (frame.user_id === user) void client.invalidateQueries({ queryKey: keys.me })
    } else if (frame.type === 'banner') {
      state.set((now) => ({ ...now, banners: { ...now.banners, [frame.code]: frame.active } }))
    }
  }

  const stopTyping = (id: string) =>
    state.set((now) => ({ ...now, typing: { ...now.typing, [id]: undefined } }))

  const link = new Link({
    open: () => new WebSocket(socketUrl()),
    headOf: (id) => headOf(client, id),
    onFrame,
    onStatus: (status) => {
      const back = status === 'ready' && state.get().everReady
      // The server tells again which banners stand when the line is back.
      state.set((now) => ({
        ...now,
        status,
        everReady: now.everReady || status === 'ready',
        banners: status === 'lost' ? {} : now.banners,
      }))
      if (status === 'ready') outbox.flush()
      if (back) refresh(client)
      // A refused socket looks like a broken one; asking who we are tells them apart.
      if (status === 'lost') void client.invalidateQueries({ queryKey: keys.me })
    },
  })

  const outbox = new Outbox({
    send: sendMessage,
    storage: sessionStorage,
    onSent: (message: Message) => {
      client.setQueryData<Timeline>(
        keys.timeline(message.conversation_id),
        (timeline) => timeline && withOwn(timeline, message),
      )
      void catchUp(client, message.conversation_id)
    },
    onRefused: (message, error) => refused(client, user, message, error),
  })
  return { state, outbox, link, watch: (id) => watch(link, id), typing: (id) => link.typing(id) }
}

function watch(link: Link, id: string): () => void {
  link.watch(id)
  return () => link.unwatch(id)
}

function onConversation(client: QueryClient, item: ConversationItem): void {
  if (takeConversation(client, item)) announceArrival(item)
}

/** After a gap in the line everything is read anew; timelines only ask for what they lack. */
function refresh(client: QueryClient): void {
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'timeline' })
  catchUpAll(client)
}

/** Without a socket the console still works, a few seconds late. */
function poll(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: keys.conversations })
  void client.invalidateQueries({ queryKey: ['conversation'], refetchType: 'active' })
  catchUpAll(client)
}

function catchUpAll(client: QueryClient): void {
  for (const query of client.getQueryCache().findAll({ queryKey: ['timeline'], type: 'active' })) {
    void catchUp(client, String(query.queryKey[1]), true)
  }
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const { id: user, name } = useMe()
  const live = useMemo(() => makeLive(client, user, name), [client, user, name])

  useEffect(() => {
    const { link, state, outbox } = live
    const back = () => {
      if (document.visibilityState === 'visible') link.nudge()
    }
    link.start()
    window.addEventListener('online', back)
    document.addEventListener('visibilitychange', back)
    const polls = setInterval(() => {
      if (state.get().status === 'lost') poll(client)
    }, POLL_EVERY_MS)
    return () => {
      clearInterval(polls)
      window.removeEventListener('online', back)
      document.removeEventListener('visibilitychange', back)
      outbox.stop()
      link.stop()
    }
  }, [client, live])

  return <LiveContext value={live}>{children}</LiveContext>
}
