// After a conversation has moved to another list, the list beside it follows.
import { useNavigate } from 'react-router'
import type { Tab } from '../live/collection'

export function useStickyTab(): (tab: Tab) => void {
  const navigate = useNavigate()
  return (tab) => void navigate({ search: `?tab=${tab}` }, { replace: true })
}
