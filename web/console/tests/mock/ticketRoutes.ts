// The mock's tickets.
import type { TicketDetail } from '../../src/api/types'
import { page, Refusal, type Routes } from './routes'
import type { World } from './world'

function one(world: World, number: string | undefined): TicketDetail {
  const found = world.tickets.find((ticket) => ticket.number === number)
  if (!found) throw new Refusal(404, 'not-found', 'There is nothing here')
  return found
}

function change(world: World, number: string | undefined, body: Record<string, unknown>): TicketDetail {
  const ticket = one(world, number)
  const { version, assignee_id, ...rest } = body
  if (version !== undefined && version !== ticket.version) {
    throw new Refusal(409, 'ticket-changed', 'Somebody else has changed this ticket meanwhile.')
  }
  Object.assign(ticket, rest)
  if (assignee_id !== undefined) {
    const person = typeof assignee_id === 'string' ? world.person(assignee_id) : undefined
    ticket.assignee = person ? { id: person.id, name: person.name } : null
  }
  ticket.version += 1
  ticket.updated_at = new Date().toISOString()
  return ticket
}

export const ticketRoutes: Routes = [
  [
    /^GET \/api\/tickets$/,
    (world, call) => {
      const status = call.query.get('status')
      const stage = call.query.get('stage')
      const found = world.tickets.filter((t) => (!status || t.status === status) && (!stage || t.stage === stage))
      return page(found, call)
    },
  ],
  [/^GET \/api\/tickets\/([\w-]+)$/, (world, _call, _me, [number]) => one(world, number)],
  [/^PATCH \/api\/tickets\/([\w-]+)$/, (world, { body }, _me, [number]) => change(world, number, body)],
  [
    /^POST \/api\/tickets\/([\w-]+)\/comments$/,
    (world, { body }, me, [number]) => {
      const comment = {
        id: String(body.client_id),
        number: number ?? '',
        author: { type: 'agent' as const, name: me.name },
        text: String(body.text),
        public: body.public === true,
        masked: false,
        created_at: new Date().toISOString(),
      }
      one(world, number).comments.push(comment)
      return comment
    },
  ],
]
