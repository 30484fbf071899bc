// The frame of the assistant's pages: one title, a tab for each, and who may read them.
import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { NavLink } from 'react-router'
import { useMay } from '../api/session'
import { Page } from '../shared/Page'
import { Blank } from '../shared/states'
import classes from './Assistant.module.css'

const TABS = [
  { to: '/assistant/recognition', label: 'Codes and products' },
  { to: '/assistant/look-ups', label: 'Look-ups' },
]

interface Props {
  title: string
  tools?: ReactNode
  children: ReactNode
}

export function AssistantPage({ title, tools, children }: Props) {
  const may = useMay()
  if (!may('settings.read')) {
    return (
      <Page title={title}>
        <Blank icon={IconLock} title="Your role does not read these settings" />
      </Page>
    )
  }
  return (
    <Page title={title} heading="Assistant" tools={tools}>
      <nav className={classes.tabs} aria-label="Pages about the assistant">
        {TABS.map(({ to, label }) => (
          <NavLink key={to} to={to} className={classes.tab}>
            {label}
          </NavLink>
        ))}
      </nav>
      {children}
    </Page>
  )
}
