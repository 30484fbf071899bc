// The pages of the console, and who sees them.
import { IconBook2, IconInbox, IconMessage2, IconSparkles, IconTicket, type Icon } from '@tabler/icons-react'
import type { Permission } from '../api/session'

interface Place {
  to: string
  label: string
  icon: Icon
  /** Shown to whoever has one of these. */
  needs: Permission[]
}

export const PLACES: Place[] = [
  { to: '/inbox', label: 'Inbox', icon: IconInbox, needs: ['conversations.read'] },
  { to: '/tickets', label: 'Tickets', icon: IconTicket, needs: ['tickets.read', 'tickets.write'] },
  { to: '/articles', label: 'Articles', icon: IconBook2, needs: ['kb.read', 'kb.write'] },
  { to: '/texts', label: 'Texts', icon: IconMessage2, needs: ['texts.write'] },
  { to: '/assistant', label: 'Assistant', icon: IconSparkles, needs: ['settings.read'] },
]
