// One ticket: what it is about, what was said about it, and how it stands.
import { IconTicketOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { Problem } from '../api/client'
import { useMay } from '../api/session'
import { ticketQuery } from '../api/tickets'
import type { TicketDetail } from '../api/types'
import { plain } from '../shared/codes'
import { customerName } from '../shared/names'
import { Page } from '../shared/Page'
import { Blank, Failed, Loading } from '../shared/states'
import { fullTime } from '../shared/time'
import { CommentForm } from './CommentForm'
import { Comments } from './Comments'
import classes from './Ticket.module.css'
import { TicketFields } from './TicketFields'

const BACK = { to: '/tickets', label: 'Back to the tickets' }

export function TicketPage() {
  const { number = '' } = useParams()
  const { data: ticket, error, refetch } = useQuery(ticketQuery(number))
  if (ticket) return <TicketView key={number} ticket={ticket} />
  return (
    <Page title={number} back={BACK}>
      {error instanceof Problem && error.status === 404 ? (
        <Blank icon={IconTicketOff} title="There is no such ticket" />
      ) : error ? (
        <Failed error={error} retry={refetch} />
      ) : (
        <Loading label="Loading the ticket" />
      )}
    </Page>
  )
}

function TicketView({ ticket }: { ticket: TicketDetail }) {
  const may = useMay()
  const write = may('tickets.write')
  const { number, subject, description } = ticket
  return (
    <Page
      title={number}
      back={BACK}
      heading={
        <>
          <span className={classes.number}>{number}</span> {subject}
        </>
      }
    >
      <div className={classes.columns}>
        <div className={classes.story}>
          {ticket.merged_into && (
            <p className={classes.merged}>
              Merged into <Link to={`/tickets/${ticket.merged_into}`}>{ticket.merged_into}</Link>.
            </p>
          )}
          {description && (
            <section className={classes.description} aria-label="Description">
              {description}
            </section>
          )}
          <Comments comments={ticket.comments} />
          {write && <CommentForm number={number} />}
        </div>
        <aside className={classes.side} aria-label="About the ticket">
          <TicketFields ticket={ticket} readOnly={!write} />
          <Facts ticket={ticket} />
        </aside>
      </div>
    </Page>
  )
}

function Facts({ ticket }: { ticket: TicketDetail }) {
  const { customer, email, order_number, type, created_at, updated_at, conversation_id } = ticket
  const facts: [string, string | null | undefined][] = [
    ['Type', plain(type)],
    ['Customer', customer && customerName(customer)],
    ['E-mail', email ?? customer?.email],
    ['Order', order_number],
    ['Opened', fullTime(created_at)],
    ['Changed', fullTime(updated_at)],
  ]
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      {conversation_id && (
        <div>
          <dt>Chat</dt>
          <dd>
            <Link to={`/inbox/${conversation_id}?tab=all`}>Open the conversation</Link>
          </dd>
        </div>
      )}
    </dl>
  )
}
