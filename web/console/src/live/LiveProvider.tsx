// Opens the live session while somebody is signed in, and keeps it open through sleep and lost networks.
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, type ReactNode } from 'react'
import { useMay, useMe } from '../api/session'
import { refused } from '../conversation/refused'
import { announceArrival } from './arrivals'
import { LiveContext } from './context'
import { makeLive } from './makeLive'

const POLL_EVERY_MS = 5_000

function openSocket(): WebSocket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${location.host}/api/socket`)
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient()
  const { id, name } = useMe()
  // The socket is about conversations: whoever may not read them has nothing to hear there.
  const listens = useMay()('conversations.read')
  const live = useMemo(
    () =>
      makeLive({
        client,
        me: { id, name },
        openSocket,
        storage: sessionStorage,
        onArrival: announceArrival,
        onRefused: (message, error) => refused(client, id, message, error),
      }),
    [client, id, name],
  )

  useEffect(() => {
    if (!listens) return
    const { link, state, outbox, poll } = live
    const back = () => {
      if (document.visibilityState === 'visible') link.nudge()
    }
    link.start()
    window.addEventListener('online', back)
    document.addEventListener('visibilitychange', back)
    const polls = setInterval(() => {
      if (state.get().status === 'lost') poll()
    }, POLL_EVERY_MS)
    return () => {
      clearInterval(polls)
      window.removeEventListener('online', back)
      document.removeEventListener('visibilitychange', back)
      outbox.stop()
      link.stop()
    }
  }, [listens, live])

  return <LiveContext value={live}>{children}</LiveContext>
}
