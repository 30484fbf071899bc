// How the customer's mood went, one bar a turn; the higher, the unhappier.
import type { Packet } from '../api/types'
import classes from './Packet.module.css'
import { lines } from './packetLines'
import { Section } from './Section'

const UNHAPPY = 0.5

export function Mood({ mood }: { mood: NonNullable<Packet['mood']> }) {
  const last = mood.at(-1)
  if (!last) return null
  const why = lines(last.why).join(', ')
  const words = last.score >= UNHAPPY ? 'Unhappy' : 'Calm'
  return (
    <Section title="Mood" testId="packet-mood">
      <div className={classes.mood}>
        <div className={classes.bars} aria-hidden>
          {mood.slice(-16).map(({ seq, score }) => (
            <span
              key={seq}
              className={classes.bar}
              data-unhappy={score >= UNHAPPY || undefined}
              style={{ height: `${12 + Math.min(1, Math.max(0, score)) * 88}%` }}
            />
          ))}
        </div>
        <p>
          {words} now <span className={classes.small}>({Math.round(last.score * 100)} of 100{why && `; ${why}`})</span>
        </p>
      </div>
    </Section>
  )
}
