// The tickets that belong to a conversation, each with how far it has come.
import { IconTicket } from '@tabler/icons-react'
import { Link } from 'react-router'
import { useMay } from '../api/session'
import type { ConversationDetail } from '../api/types'
import { plain } from '../shared/codes'
import classes from './Packet.module.css'
import { Section } from './Section'

export function TicketList({ tickets }: { tickets: ConversationDetail['tickets'] }) {
  const may = useMay()
  if (tickets.length === 0) return null
  return (
    <Section title="Tickets" testId="packet-tickets">
      <ul className={classes.tickets}>
        {tickets.map(({ number, subject, stage }) => (
          <li key={number} className={classes.ticket}>
            <IconTicket size={16} stroke={1.7} aria-hidden />
            <span>
              {may('tickets.read') ? <Link to={`/tickets/${number}`}>{number}</Link> : number} {subject}
              <span className={classes.small}> · {plain(stage)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
