// What the rest of the console may know of the live connection.
import { createContext, use, useEffect } from 'react'
import type { Outbox } from '../conversation/outbox'
import { useStore, type Store } from '../shared/store'
import type { LinkStatus } from './socket'

export interface LiveState {
  status: LinkStatus
  everReady: boolean
  banners: Record<string, boolean>
  typing: Record<string, { author: string; until: number } | undefined>
}

export interface Live {
  state: Store<LiveState>
  outbox: Outbox
  /** Follows one conversation's events until the returned function is called. */
  watch: (conversationId: string) => () => void
  typing: (conversationId: string) => void
}

export const LiveContext = createContext<Live | null>(null)

export function useLive(): Live {
  const live = use(LiveContext)
  if (!live) throw new Error('useLive needs a LiveProvider')
  return live
}

export function useLiveState(): LiveState {
  return useStore(useLive().state)
}

/** Follows a conversation once its first page is there: `watch` asks for what came after it. */
export function useWatch(conversationId: string, loaded: boolean): void {
  const { watch } = useLive()
  useEffect(() => (loaded ? watch(conversationId) : undefined), [watch, conversationId, loaded])
}
