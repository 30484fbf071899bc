// Ties the socket, the cache and the outbox together for one signed-in person; knows nothing of React.
import type { QueryClient } from '@tanstack/react-query'
import { sendMessage } from '../api/conversations'
import { keys } from '../api/keys'
import type { ConversationItem, Message, Person } from '../api/types'
import { Outbox, type Outgoing, type OutboxOptions } from '../conversation/outbox'
import { makeStore } from '../shared/store'
import { catchUp, headOf, takeConversation, takeEvent, takeHeads } from './apply'
import type { Collection } from './collection'
import type { Live, LiveState } from './context'
import type { ServerFrame } from './frames'
import { Link, type LinkStatus, type Wire } from './socket'
import { withOwn, type Timeline } from './timeline'

const TYPING_LASTS_MS = 5_000

export interface LiveOptions {
  client: QueryClient
  me: Person
  openSocket: () => Wire
  storage?: OutboxOptions['storage']
  onArrival: (item: ConversationItem) => void
  /** What to do with a text that the server refused; see OutboxOptions. */
  onRefused: (message: Outgoing, error: unknown) => boolean
}

export type Session = Live & { link: Link; poll: () => void }

export function makeLive(options: LiveOptions): Session {
  const { client, me } = options
  const state = makeStore<LiveState>({ status: 'connecting', everReady: false, banners: {}, typing: {} })

  const outbox = new Outbox({
    author: me.id,
    send: sendMessage,
    storage: options.storage,
    onSent: (message) => takeOwn(client, message),
    onRefused: options.onRefused,
  })

  const onFrame = (frame: ServerFrame) => {
    switch (frame.type) {
      case 'conversation':
        onConversation(frame.conversation)
        break
      case 'event':
        takeEvent(client, frame)
        if (frame.message) setTyping(frame.conversation_id, undefined)
        break
      case 'ping':
        takeHeads(client, frame.heads)
        break
      case 'typing':
        if (frame.author === me.name) break
        setTyping(frame.conversation_id, { author: frame.author, until: Date.now() + TYPING_LASTS_MS })
        break
      case 'presence':
        void client.invalidateQueries({ queryKey: keys.agents })
        if (frame.user_id === me.id) void client.invalidateQueries({ queryKey: keys.me })
        break
      case 'banner':
        state.set((now) => ({ ...now, banners: { ...now.banners, [frame.code]: frame.active } }))
        break
      case 'ready':
        break
    }
  }

  const onConversation = (item: ConversationItem) => {
    const before = client.getQueryData<Collection>(keys.conversations)?.items[item.id]
    if (takeConversation(client, item)) options.onArrival(item)
    // My load changes with what I hold, whoever moved it.
    const held = [before, item].map((one) => one?.agent?.id === me.id && one.status === 'open')
    if (held[0] !== held[1]) void client.invalidateQueries({ queryKey: keys.me })
  }

  const setTyping = (id: string, sign: LiveState['typing'][string]) =>
    state.set((now) => ({ ...now, typing: { ...now.typing, [id]: sign } }))

  const onStatus = (status: LinkStatus) => {
    const back = status === 'ready' && state.get().everReady
    state.set((now) => ({
      ...now,
      status,
      everReady: now.everReady || status === 'ready',
      // The server tells again which banners stand when the line is back.
      banners: status === 'lost' ? {} : now.banners,
    }))
    if (status === 'ready') outbox.flush()
    if (back) refresh(client)
    // A refused socket looks like a broken one; asking who we are tells them apart.
    if (status === 'lost') void client.invalidateQueries({ queryKey: keys.me })
  }

  const link = new Link({ open: options.openSocket, headOf: (id) => headOf(client, id), onFrame, onStatus })
  return {
    state,
    outbox,
    link,
    watch: (id) => {
      link.watch(id)
      return () => link.unwatch(id)
    },
    typing: (id) => link.typing(id),
    poll: () => poll(client),
  }
}

function takeOwn(client: QueryClient, message: Message): void {
  const id = message.conversation_id
  client.setQueryData<Timeline>(keys.timeline(id), (timeline) => timeline && withOwn(timeline, message))
  void catchUp(client, id)
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
