// Tells of arrivals wherever one is: read out to screen readers, and as a toast outside the inbox.
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { arrivals } from '../live/arrivals'
import { useStore } from '../shared/store'

export function Announcer() {
  const arrival = useStore(arrivals)
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const inInbox = pathname.startsWith('/inbox')

  useEffect(() => {
    return arrivals.subscribe(() => {
      const latest = arrivals.get()
      if (!latest || inInbox) return
      const toast = notifications.show({
        color: 'desk',
        title: latest.text,
        message: (
          <Button
            size="compact-sm"
            variant="light"
            mt={4}
            onClick={() => {
              notifications.hide(toast)
              void navigate(`/inbox/${latest.id}?tab=waiting`)
            }}
          >
            Open
          </Button>
        ),
      })
    })
  }, [inInbox, navigate])

  return (
    <div aria-live="assertive" className="visually-hidden" data-testid="announcer">
      {/* A new key makes a second arrival of the same name heard as well. */}
      {arrival && <p key={arrival.count}>{arrival.text}</p>}
    </div>
  )
}
