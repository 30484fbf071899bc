// What a message may carry besides its text: sources, a form, a ticket, files, buttons.
import { IconBook2, IconFile, IconTicket } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import type { Attachment, Message, Source } from '../api/types'
import { facts } from './packetLines'
import classes from './Transcript.module.css'

export function Sources({ sources }: { sources: Source[] }) {
  const may = useMay()
  if (sources.length === 0) return null
  return (
    <ul className={classes.parts} aria-label="Sources">
      {sources.map((source) => (
        <li key={source.article_id} className={classes.source}>
          <IconBook2 size={14} stroke={1.8} aria-hidden />
          <span>
            Source:{' '}
            {may('kb.read') ? (
              <Link to={`/articles/${source.article_id}`}>{source.title}</Link>
            ) : (
              source.title
            )}
            {source.score !== undefined && (
              <span className={classes.score} title="How well the passage fits the question">
                {' '}
                {source.score.toFixed(2)}
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

export function FormFields({ form }: { form: Message['payload']['form'] }) {
  if (!form) return null
  const filled = facts(form.values)
  const names = form.fields.map((field) => field.label)
  return filled.length > 0 ? (
    <dl className={classes.form}>
      {filled.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  ) : (
    <p className={classes.hint}>Asks for: {names.join(', ')}</p>
  )
}

export function TicketLink({ number }: { number: string | undefined }) {
  if (!number) return null
  return (
    <p className={classes.source}>
      <IconTicket size={14} stroke={1.8} aria-hidden />
      <Link to={`/tickets/${number}`}>{number}</Link>
    </p>
  )
}

export function Attachments({ attachments }: { attachments: Attachment[] }) {
  if (attachments.length === 0) return null
  return (
    <ul className={classes.parts} aria-label="Files">
      {attachments.map(({ id, name, size }) => (
        <li key={id} className={classes.source}>
          <IconFile size={14} stroke={1.8} aria-hidden />
          <a href={`/api/files/${encodeURIComponent(id)}`} download={name} rel="noopener">
            {name}
          </a>
          <span className={classes.score}>{kilobytes(size)}</span>
        </li>
      ))}
    </ul>
  )
}

function kilobytes(size: number): string {
  return size < 1_000_000 ? `${Math.max(1, Math.round(size / 1_000))} KB` : `${(size / 1_000_000).toFixed(1)} MB`
}

export function Buttons({ buttons }: { buttons: { label: string; value: string }[] }) {
  if (buttons.length === 0) return null
  return (
    <ul className={classes.buttons} aria-label="Buttons the customer was given">
      {buttons.map(({ label, value }) => (
        <li key={value}>{label}</li>
      ))}
    </ul>
  )
}
