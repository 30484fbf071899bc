// The ways to the pages: in the header on a wide screen, along the bottom on a phone.
import { NavLink, useMatch } from 'react-router'
import { useMay } from '../api/session'
import { useWaitingCount } from '../inbox/lists'
import { PLACES } from './places'
import classes from './Shell.module.css'

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
