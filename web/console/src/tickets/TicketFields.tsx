// How a ticket stands: stage, status, priority and who works on it; each change is saved at once.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { agentsQuery } from '../api/agents'
import { words } from '../api/client'
import { useMay, useMe } from '../api/session'
import { useChangeTicket } from '../api/tickets'
import type { Stage, TicketChange, TicketDetail, TicketPriority, TicketStatus } from '../api/types'
import { options, PRIORITIES, STAGES, TICKET_STATUSES } from '../shared/codes'
import { notify } from '../shared/notify'
import classes from './Ticket.module.css'

const NOBODY = ''

export function TicketFields({ ticket, readOnly }: { ticket: TicketDetail; readOnly: boolean }) {
  const { mutate, isPending } = useChangeTicket(ticket.number)
  const people = useAssignable(ticket)
  const disabled = readOnly || isPending

  const save = (change: TicketChange) =>
    mutate(
      { ...change, version: ticket.version },
      { onError: (error) => notify.error('The ticket was not changed', words(error)) },
    )

  return (
    <div className={classes.fields}>
      <Select
        label="Stage"
        description="What the customer sees"
        data={options(STAGES)}
        value={ticket.stage}
        disabled={disabled}
        onChange={(value) => value && save({ stage: value as Stage })}
        data-testid="ticket-stage"
      />
      <Select
        label="Status"
        data={options(TICKET_STATUSES)}
        value={ticket.status}
        disabled={disabled}
        onChange={(value) => value && save({ status: value as TicketStatus })}
        data-testid="ticket-status"
      />
      <Select
        label="Priority"
        data={options(PRIORITIES)}
        value={ticket.priority}
        disabled={disabled}
        onChange={(value) => value && save({ priority: value as TicketPriority })}
        data-testid="ticket-priority"
      />
      <Select
        label="Assignee"
        data={[{ value: NOBODY, label: 'Nobody' }, ...people]}
        value={ticket.assignee?.id ?? NOBODY}
        disabled={disabled}
        onChange={(value) => save({ assignee_id: value === NOBODY ? null : value })}
        searchable
        data-testid="ticket-assignee"
      />
    </div>
  )
}

/** Everybody who answers customers, me, and whoever has it now even if they no longer work here. */
function useAssignable(ticket: TicketDetail): { value: string; label: string }[] {
  const me = useMe()
  const may = useMay()
  const { data: agents = [] } = useQuery({ ...agentsQuery, enabled: may('conversations.read') })
  const people = new Map(agents.map(({ id, name }) => [id, name]))
  if (ticket.assignee) people.set(ticket.assignee.id, ticket.assignee.name)
  people.set(me.id, `${me.name} (me)`)
  return [...people].map(([value, label]) => ({ value, label }))
}
