// The states every page shares: nothing there, still loading, could not be loaded.
import { Button, Skeleton } from '@mantine/core'
import { IconCloudOff, type Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { words } from '../api/client'
import classes from './states.module.css'

interface BlankProps {
  icon: Icon
  title: string
  text?: string
  /** The blank is the whole page, so its title is the page's. */
  page?: boolean
  children?: ReactNode
}

export function Blank({ icon: Glyph, title, text, page = false, children }: BlankProps) {
  const Title = page ? 'h1' : 'p'
  return (
    <div className={classes.blank}>
      <span className={classes.glyph}>
        <Glyph size={22} stroke={1.6} aria-hidden />
      </span>
      <Title className={classes.title}>{title}</Title>
      {text && <p className={classes.text}>{text}</p>}
      {children}
    </div>
  )
}

interface FailedProps {
  error: unknown
  retry: () => void
  page?: boolean
}

export function Failed({ error, retry, page = false }: FailedProps) {
  return (
    <div role="alert">
      <Blank page={page} icon={IconCloudOff} title="This could not be loaded" text={words(error)}>
        <Button variant="default" onClick={() => retry()}>
          Try again
        </Button>
      </Blank>
    </div>
  )
}

export function Loading({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div className={classes.loading} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={classes.loadingRow}>
          <Skeleton circle height={32} />
          <div className={classes.loadingLines}>
            <Skeleton height={10} width={`${62 - ((row * 13) % 30)}%`} />
            <Skeleton height={10} width={`${88 - ((row * 17) % 40)}%`} />
          </div>
        </div>
      ))}
    </div>
  )
}
