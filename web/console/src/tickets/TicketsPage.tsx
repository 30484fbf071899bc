// All tickets, newest change first, narrowed by status and stage, page by page.
import { Button } from '@mantine/core'
import { IconTicket } from '@tabler/icons-react'
import { Link, useSearchParams } from 'react-router'
import { useTickets } from '../api/tickets'
import type { Stage, Ticket, TicketStatus } from '../api/types'
import { STAGES, TICKET_STATUSES } from '../shared/codes'
import { Filter } from '../shared/Filter'
import { customerName } from '../shared/names'
import { Page } from '../shared/Page'
import { Pill } from '../shared/Pill'
import rows from '../shared/Rows.module.css'
import { Blank, Failed, Loading } from '../shared/states'
import { ago, useNow } from '../shared/time'

export function TicketsPage() {
  const [search] = useSearchParams()
  const status = TICKET_STATUSES.find((code) => code === search.get('status'))
  const stage = STAGES.find((code) => code === search.get('stage'))
  return (
    <Page
      title="Tickets"
      tools={
        <>
          <Filter name="status" label="Any status" codes={TICKET_STATUSES} />
          <Filter name="stage" label="Any stage" codes={STAGES} />
        </>
      }
    >
      <TicketRows status={status} stage={stage} />
    </Page>
  )
}

function TicketRows({ status, stage }: { status: TicketStatus | undefined; stage: Stage | undefined }) {
  const tickets = useTickets(status, stage)
  const now = useNow(60_000)
  if (tickets.isPending) return <Loading rows={6} label="Loading tickets" />
  if (!tickets.data) return <Failed error={tickets.error} retry={tickets.refetch} />
  const items = tickets.data.pages.flatMap((page) => page.items)
  if (items.length === 0) {
    return <Blank icon={IconTicket} title="No tickets here" text={(status ?? stage) ? 'Try another filter.' : undefined} />
  }
  return (
    <>
      <ul className={rows.card} data-testid="ticket-list">
        {items.map((ticket) => (
          <TicketRow key={ticket.number} ticket={ticket} now={now} />
        ))}
      </ul>
      {tickets.hasNextPage && (
        <div className={rows.more}>
          <Button
            variant="default"
            loading={tickets.isFetchingNextPage}
            onClick={() => void tickets.fetchNextPage()}
            data-testid="ticket-more"
          >
            Show more
          </Button>
        </div>
      )}
    </>
  )
}

function TicketRow({ ticket, now }: { ticket: Ticket; now: number }) {
  const { number, subject, customer, email, assignee, priority, status, stage, updated_at } = ticket
  const who = customer ? customerName(customer) : (email ?? 'Unknown customer')
  return (
    <li>
      <Link to={`/tickets/${number}`} className={rows.row} data-testid="ticket-item" data-number={number}>
        <span className={rows.key}>{number}</span>
        <span className={rows.main}>
          <span className={rows.subject}>{subject}</span>
          <span className={rows.meta}>
            {who} · {assignee ? assignee.name : 'Nobody assigned'}
          </span>
        </span>
        <span className={rows.side}>
          {(priority === 'urgent' || priority === 'high') && <Pill code={priority} />}
          {status === 'pending_customer' && <Pill code={status} />}
          <Pill code={stage} />
          <span className={rows.when}>{ago(updated_at, now)}</span>
        </span>
      </Link>
    </li>
  )
}
