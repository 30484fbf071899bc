// The ways to the pages: in the header on a wide screen, along the bottom on a phone.
import { IconBook2, IconInbox, IconMessage2, IconTicket, type Icon } from '@tabler/icons-react'
import { NavLink, useMatch } from 'react-router'
import { useMay, type Permission } from '../api/session'
import { useWaitingCount } from '../inbox/lists'
import classes from './Shell.module.css'

interface Place {
  to: string
  label: string
  icon: Icon
  /** Shown to whoever has one of these. */
  needs: Permission[]
}

const PLACES: Place[] = [
  { to: '/inbox', label: 'Inbox', icon: IconInbox, needs: ['conversations.read'] },
  { to: '/tickets', label: 'Tickets', icon: IconTicket, needs: ['tickets.read', 'tickets.write'] },
  { to: '/articles', label: 'Articles', icon: IconBook2, needs: ['kb.read', 'kb.write'] },
  { to: '/texts', label: 'Texts', icon: IconMessage2, needs: ['texts.write'] },
]

function Links() {
  const may = useMay()
  const waiting = useWaitingCount()
  return PLACES.filter((place) => place.needs.some(may)).map(({ to, label, icon: Glyph }) => (
    <NavLink key={to} to={to} className={classes.navLink} data-testid={`nav-${label.toLowerCase()}`}>
      <Glyph size={18} stroke={1.7} aria-hidden />
      {label}
      {to === '/inbox' && waiting > 0 && (
        <span className={classes.badge}>
          {waiting}
          <span className="visually-hidden"> waiting</span>
        </span>
      )}
    </NavLink>
  ))
}

export function HeaderNav() {
  return (
    <nav className={classes.nav} aria-label="Pages">
      <Links />
    </nav>
  )
}

/** Not beside an open conversation: the keyboard takes the room, and the arrow leads back. */
export function MobileNav() {
  const conversation = useMatch('/inbox/:id')
  if (conversation) return null
  return (
    <nav className={classes.mobileNav} aria-label="Pages of the console">
      <Links />
    </nav>
  )
}
