// The header: where we are, whether I am at my desk, sound, colours, and the way out.
import { ActionIcon, Menu, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconBell, IconBellOff, IconLogout, IconMoon, IconSun } from '@tabler/icons-react'
import { Link } from 'react-router'
import { words } from '../api/client'
import { useLogOut, useMay, useMe } from '../api/session'
import { soundOn, switchSound } from '../live/arrivals'
import { plain } from '../shared/codes'
import { Face } from '../shared/Face'
import { notify } from '../shared/notify'
import { useStore } from '../shared/store'
import { Logo } from './Logo'
import { HeaderNav } from './Nav'
import { PresenceSwitch } from './PresenceSwitch'
import classes from './Shell.module.css'

export function Header() {
  const { workplace } = useMe()
  const may = useMay()
  return (
    <header className={classes.header}>
      <Link to="/" className={classes.brand}>
        <Logo size={26} />
        <span className={classes.brandName}>{workplace.name}</span>
        <span className="visually-hidden">, start page</span>
      </Link>
      <HeaderNav />
      <div className={classes.tools}>
        {may('conversations.write') && <PresenceSwitch />}
        <SoundSwitch />
        <SchemeSwitch />
        <UserMenu />
      </div>
    </header>
  )
}

function SoundSwitch() {
  const on = useStore(soundOn)
  return (
    <Tooltip label={on ? 'Sound on new arrivals: on' : 'Sound on new arrivals: off'}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Sound on new arrivals"
        aria-pressed={on}
        onClick={() => switchSound(!on)}
        data-testid="sound"
      >
        {on ? <IconBell size={18} stroke={1.7} /> : <IconBellOff size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  )
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const other = scheme === 'dark' ? 'light' : 'dark'
  return (
    <Tooltip label={`Use the ${other} theme`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Use the ${other} theme`}
        onClick={() => setColorScheme(other)}
        data-testid="theme"
      >
        {scheme === 'dark' ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  )
}

function UserMenu() {
  const me = useMe()
  const { mutate: logOut } = useLogOut()
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton data-testid="user-menu" ml={4} display="flex" style={{ borderRadius: '50%' }}>
          <Face name={me.name} size={30} />
          <span className="visually-hidden">Account of {me.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name}
          <br />
          {me.email} · {plain(me.role)}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.7} />}
          onClick={() =>
            logOut(undefined, { onError: (error) => notify.error('Still signed in', words(error)) })
          }
          data-testid="logout"
        >
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
