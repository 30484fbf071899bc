// The context packet: why a person is asked for, what they want, what was tried, what is known.
import {
  IconCircleCheck,
  IconCircleX,
  IconHelpCircle,
} from '@tabler/icons-react'
import { Link } from 'react-router'
import type { ConversationDetail, Packet } from '../api/types'
import { plain } from '../shared/codes'
import { fullTime } from '../shared/time'
import { CustomerFacts, Facts } from './CustomerFacts'
import { Mood } from './Mood'
import classes from './Packet.module.css'
import { facts, lines } from './packetLines'
import { Section } from './Section'
import { TicketList } from './TicketList'

interface Props {
  conversation: ConversationDetail
  onShowMessage: (seq: number) => void
}

export function PacketPanel({ conversation, onShowMessage }: Props) {
  const { packet } = conversation
  return (
    <div className={classes.packet} data-testid="packet">
      <Facts title="How it ended" facts={facts(resolutionOf(conversation))} />
      {packet ? (
        <>
          <Reasons reasons={packet.reasons} onShowMessage={onShowMessage} />
          <Lines title="They want" items={lines(packet.wants)} testId="packet-wants" />
          <Tried tried={packet.tried ?? []} onShowMessage={onShowMessage} />
          <Facts title="Already told us" facts={facts(packet.slots)} />
        </>
      ) : (
        <p className={classes.none}>
          No person was asked for yet. The context appears here when the conversation is handed over.
        </p>
      )}
      <TicketList tickets={conversation.tickets} />
      <CustomerFacts conversation={conversation} />
      {packet && (
        <>
          <Mood mood={packet.mood ?? []} />
          <Lines title="Promised" items={lines(packet.promises)} />
          <Lines title="Settled" items={lines(packet.settled)} />
          <Lines title="Earlier" items={historyLines(packet.history)} />
        </>
      )}
    </div>
  )
}

function Reasons({ reasons, onShowMessage }: { reasons: Packet['reasons']; onShowMessage: Props['onShowMessage'] }) {
  if (reasons.length === 0) return null
  return (
    <Section title="Why they are here" testId="packet-reasons">
      <ul className={classes.reasons}>
        {reasons.map((reason) => (
          <li key={`${reason.code}-${reason.seq ?? 0}`} className={classes.reason} data-code={reason.code}>
            <strong>{plain(reason.code)}</strong>
            {reason.quote && <blockquote className={classes.quote}>{reason.quote}</blockquote>}
            <Jump seq={reason.seq} onShowMessage={onShowMessage} what={`where: ${plain(reason.code)}`} />
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Jump({ seq, onShowMessage, what }: { seq: number | null | undefined; what: string } & Pick<Props, 'onShowMessage'>) {
  if (!seq) return null
  return (
    <button type="button" className={classes.jump} onClick={() => onShowMessage(seq)}>
      Show message<span className="visually-hidden"> {what}</span>
    </button>
  )
}

function Tried({ tried, onShowMessage }: { tried: NonNullable<Packet['tried']>; onShowMessage: Props['onShowMessage'] }) {
  if (tried.length === 0) return null
  return (
    <Section title="Already tried" testId="packet-tried">
      <ul className={classes.tried}>
        {tried.map((article) => (
          <li key={`${article.seq}-${article.article_id}`} className={classes.triedItem}>
            <Helped helped={article.helped} />
            <div>
              <Link to={`/articles/${article.article_id}`}>{article.title ?? 'An article'}</Link>
              <p className={classes.small}>
                {helpedWords(article.helped)}{' '}
                <Jump seq={article.seq} onShowMessage={onShowMessage} what={`with ${article.title ?? 'the article'}`} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function helpedWords(helped: boolean | null | undefined): string {
  if (helped === true) return 'Helped.'
  return helped === false ? 'Did not help.' : 'Shown; the customer did not say whether it helped.'
}

function Helped({ helped }: { helped: boolean | null | undefined }) {
  if (helped === true) return <IconCircleCheck size={17} className={classes.yes} aria-hidden />
  if (helped === false) return <IconCircleX size={17} className={classes.no} aria-hidden />
  return <IconHelpCircle size={17} className={classes.unknown} aria-hidden />
}

function Lines({ title, items, testId }: { title: string; items: string[]; testId?: string }) {
  if (items.length === 0) return null
  return (
    <Section title={title} testId={testId}>
      <ul className={classes.lines}>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </Section>
  )
}

/** "2 earlier conversations, the last on 4 May", or whatever a later server says. */
function historyLines(history: unknown): string[] {
  if (typeof history !== 'object' || history === null || !('conversations' in history)) return lines(history)
  const { conversations: count, last_at: last } = history as { conversations: unknown; last_at?: unknown }
  if (typeof count !== 'number' || count === 0) return []
  const when = typeof last === 'string' ? `, the last on ${fullTime(last)}` : ''
  return [`${count} earlier ${count === 1 ? 'conversation' : 'conversations'}${when}`]
}

/** Who and which version are ids; the rest is worth reading. */
function resolutionOf({ status, resolution }: ConversationDetail): Record<string, unknown> {
  if (status !== 'resolved' || !resolution) return {}
  const { reason, result, note } = resolution
  return { reason: lines(reason), result: lines(result), note }
}
