// A page besides the inbox: a title, its tools, and a scrolled body of readable width.
import { ActionIcon } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import classes from './Page.module.css'
import { PageTitle } from './PageTitle'

interface Props {
  /** For the tab and, unless `heading` is given, for the page. */
  title: string
  heading?: ReactNode
  back?: { to: string; label: string }
  tools?: ReactNode
  children: ReactNode
}

export function Page({ title, heading, back, tools, children }: Props) {
  return (
    <div className={classes.page}>
      <PageTitle name={title} />
      <div className={classes.inner}>
        <header className={classes.head}>
          {back && (
            <ActionIcon component={Link} to={back.to} variant="subtle" color="gray" size="lg" aria-label={back.label}>
              <IconArrowLeft size={19} />
            </ActionIcon>
          )}
          <h1 className={classes.title}>{heading ?? title}</h1>
          <div className={classes.tools}>{tools}</div>
        </header>
        {children}
      </div>
    </div>
  )
}
