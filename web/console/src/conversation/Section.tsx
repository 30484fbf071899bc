// One titled part of the context.
import type { ReactNode } from 'react'
import classes from './Packet.module.css'

export function Section({ title, children, testId }: { title: string; children: ReactNode; testId?: string }) {
  return (
    <section className={classes.section} data-testid={testId}>
      <h2 className={classes.heading}>{title}</h2>
      {children}
    </section>
  )
}
