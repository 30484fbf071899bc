// Am I at my desk, and how many chats do I hold of how many I can.
import { Menu } from '@mantine/core'
import { words } from '../api/client'
import { useMe, useSetPresence } from '../api/session'
import type { PresenceStatus } from '../api/types'
import { notify } from '../shared/notify'
import classes from './Shell.module.css'

const STATUSES: { value: PresenceStatus; label: string; means: string }[] = [
  { value: 'online', label: 'Online', means: 'New chats may be offered to you' },
  { value: 'away', label: 'Away', means: 'Keep your chats, get no new ones' },
  { value: 'offline', label: 'Offline', means: 'Unanswered chats return to the queue' },
]

export function PresenceSwitch() {
  const { presence } = useMe()
  const { mutate: setPresence } = useSetPresence()
  const current = STATUSES.find(({ value }) => value === presence.status)?.label ?? presence.status

  const choose = (status: PresenceStatus) =>
    setPresence(status, { onError: (error) => notify.error('Your status was not changed', words(error)) })

  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <button type="button" className={classes.presence} data-testid="presence" data-status={presence.status}>
          <span className={classes.dot} data-status={presence.status} />
          <span className="visually-hidden">Your status: </span>
          {current}
          <span className={classes.load} title="Chats you hold, of how many you can">
            {presence.load}/{presence.capacity}
            <span className="visually-hidden"> chats</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={presence.status} onChange={(value) => choose(value as PresenceStatus)}>
          {STATUSES.map(({ value, label, means }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              closeMenuOnClick
              rightSection={<span className={classes.dot} data-status={value} />}
              data-testid={`presence-${value}`}
            >
              {label}
              <br />
              <small className={classes.load}>{means}</small>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}
