// The inbox lists as the pages use them: the collection of conversations, per tab and counted.
import { useQuery } from '@tanstack/react-query'
import { conversationsQuery } from '../api/conversations'
import { useMay, useMe } from '../api/session'
import { isWaiting, TABS, type Tab } from '../live/collection'

export function useCollection() {
  const may = useMay()
  const me = useMyId()
  return useQuery({ ...conversationsQuery(me), enabled: may('conversations.read') })
}

export function useWaitingCount(): number {
  const { data } = useCollection()
  return data ? Object.values(data.items).filter(isWaiting).length : 0
}

export function useMyId(): string {
  return useMe().id
}

export function tabOf(value: string | null): Tab {
  return TABS.find((tab) => tab === value) ?? 'waiting'
}
