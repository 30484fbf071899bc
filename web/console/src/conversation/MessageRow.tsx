// One message: who said it, what, and what belongs to it. Always as text, whatever it contains.
import { IconEyeOff, IconLock, IconPointer, IconRobot, IconSearchOff } from '@tabler/icons-react'
import type { Message } from '../api/types'
import { clockTime, fullTime } from '../shared/time'
import { Attachments, Buttons, FormFields, Sources, TicketLink } from './MessageParts'
import { isNote } from './rows'
import classes from './Transcript.module.css'

const NAMES = { bot: 'Assistant', agent: 'Agent', system: 'Deskhand' }
const HAN = /\p{Script=Han}/u

interface Props {
  message: Message
  first: boolean
  /** How the customer is called beside their words. */
  customer: string
}

export function MessageRow({ message, first, customer }: Props) {
  const { author, payload, kind, created_at } = message
  const note = isNote(message)
  return (
    <li
      className={classes.message}
      data-testid="message"
      data-event-seq={message.event_seq}
      data-seq={message.seq ?? undefined}
      data-author={author.type}
      data-kind={kind}
      data-note={note || undefined}
      data-first={first || undefined}
    >
      {first && (
        <p className={classes.author}>
          {author.type === 'bot' && <IconRobot size={14} stroke={1.8} aria-hidden />}
          {note && <IconLock size={13} stroke={2} aria-hidden />}
          <strong>{authorName(author, customer)}</strong>
          {note && <span className={classes.noteLabel}>Internal note, customer never sees it</span>}
          <time dateTime={created_at} title={fullTime(created_at)}>
            {clockTime(created_at)}
          </time>
        </p>
      )}
      <div className={classes.bubble} title={first ? undefined : clockTime(created_at)}>
        {payload.action && (
          <span className={classes.pressed}>
            <IconPointer size={13} aria-hidden /> Chose
          </span>
        )}
        <Body message={message} />
      </div>
      <Flags message={message} />
    </li>
  )
}

function authorName({ type, name }: Message['author'], customer: string): string {
  if (type === 'bot') return NAMES.bot
  return name ?? (type === 'customer' ? customer : NAMES[type])
}

function Body({ message }: { message: Message }) {
  const { kind, text, payload, attachments } = message
  if (kind === 'tombstone') return <p className={classes.tombstone}>This message was recalled.</p>
  return (
    <>
      {text && (
        <p className={classes.text} lang={HAN.test(text) ? 'zh' : undefined}>
          {text}
        </p>
      )}
      <Sources sources={payload.sources ?? []} />
      <FormFields form={payload.form} />
      <TicketLink number={payload.ticket?.number} />
      <Attachments attachments={attachments} />
      <Buttons buttons={payload.buttons ?? []} />
    </>
  )
}

function Flags({ message: { payload } }: { message: Message }) {
  return (
    <>
      {payload.masked && (
        <p className={classes.flag} data-testid="masked">
          <IconEyeOff size={14} aria-hidden /> Something sensitive was removed and never stored
        </p>
      )}
      {payload.abstained && (
        <p className={classes.flag}>
          <IconSearchOff size={14} aria-hidden /> No article answered this
        </p>
      )}
    </>
  )
}
