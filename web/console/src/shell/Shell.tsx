// The frame around every page: asks who is there, keeps the line open, shows header and banners.
import { Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Navigate, Outlet, useLocation, useNavigation } from 'react-router'
import { meQuery } from '../api/session'
import { LiveProvider } from '../live/LiveProvider'
import { Failed } from '../shared/states'
import { Announcer } from './Announcer'
import { Banners } from './Banners'
import { Header } from './Header'
import { MobileNav } from './Nav'
import classes from './Shell.module.css'

export function Shell() {
  const { data: me, isPending, error, refetch } = useQuery(meQuery)
  const { pathname, search } = useLocation()
  const navigation = useNavigation()

  if (isPending) {
    return (
      <main className={classes.wait}>
        <Loader type="dots" aria-label="Loading" />
      </main>
    )
  }
  if (me === undefined) {
    return (
      <main className={classes.wait}>
        <Failed page error={error} retry={refetch} />
      </main>
    )
  }
  if (me === null) {
    const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
    return <Navigate to={`/login${next}`} replace />
  }
  return (
    <LiveProvider>
      <a href="#main" className="skip-link">
        Skip to the page
      </a>
      <div className={classes.shell}>
        <Header />
        <Banners />
        <main id="main" tabIndex={-1} className={classes.main} aria-busy={navigation.state !== 'idle'}>
          <Outlet />
        </main>
        <MobileNav />
      </div>
      <Announcer />
    </LiveProvider>
  )
}
