// Reads a message as the assistant would, by the rules as they stand in the form, saved or not.
import { Textarea } from '@mantine/core'
import { words } from '../api/client'
import type { RecognitionTrial as Trial } from '../api/types'
import classes from './Assistant.module.css'
import { kindName, pieces } from './recognised'

interface Props {
  text: string
  onText: (text: string) => void
  trial: Trial | undefined
  error: unknown
  isDraft: boolean
}

export function RecognitionTrial({ text, onText, trial, error, isDraft }: Props) {
  return (
    <section className={classes.side} aria-labelledby="trial-title">
      <div className={classes.card}>
        <h2 className={classes.cardTitle} id="trial-title">
          Try a message
        </h2>
        <Textarea
          aria-label="A customer's message"
          placeholder="Where is hh204817? My number is 06 12345678"
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2000}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          data-testid="trial-text"
        />
        <div role="status" data-testid="trial-result">
          {text.trim() === '' ? (
            <p className={classes.hint}>You see at once what is recognised{isDraft && ', with the changes on this page'}.</p>
          ) : trial ? (
            <Outcome trial={trial} />
          ) : (
            error !== null && <p className={classes.faulty}>{words(error)}</p>
          )}
        </div>
      </div>
    </section>
  )
}

function Outcome({ trial: { text, found } }: { trial: Trial }) {
  if (found.length === 0) return <p className={classes.hint}>Nothing is recognised in this message.</p>
  return (
    <div className={classes.form}>
      <p className={classes.message}>
        {pieces(text, found).map((piece, place) =>
          piece.found ? (
            <mark key={place} className={classes.found} title={kindName(piece.found.entity)}>
              {piece.text}
            </mark>
          ) : (
            <span key={place}>{piece.text}</span>
          ),
        )}
      </p>
      <dl className={classes.facts}>
        {found.map((one) => (
          <div key={`${one.start}`} style={{ display: 'contents' }}>
            <dt>{kindName(one.entity)}</dt>
            <dd data-testid="trial-found" data-entity={one.entity}>
              {one.value}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
