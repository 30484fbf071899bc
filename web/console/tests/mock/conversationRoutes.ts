// The mock's conversations: lists, detail, messages, claim, transfer, closure.
import type { ConversationDetail, Me } from '../../src/api/types'
import { page, Refusal, type Call, type Routes } from './routes'
import type { World } from './world'

function one(world: World, id: string | undefined) {
  const found = world.conversations.get(id ?? '')
  if (!found) throw new Refusal(404, 'not-found', 'There is nothing here')
  return found
}

function list(world: World, call: Call, me: Me) {
  const { query } = call
  const agent = query.get('agent') === 'me' ? me.id : query.get('agent')
  const wanted = (item: ConversationDetail) =>
    (!query.get('owner') || item.owner === query.get('owner')) &&
    (!query.get('status') || item.status === query.get('status')) &&
    (!agent || item.agent?.id === agent)
  const ids = [...world.conversations.values()].filter(({ detail }) => wanted(detail)).map(({ detail }) => detail.id)
  return page(ids.map((id) => world.item(id)), call)
}

function messages(world: World, { query }: Call, id: string | undefined) {
  const all = one(world, id).messages
  const limit = Number(query.get('limit') ?? 50)
  const after = query.get('after')
  const before = Number(query.get('before') ?? Infinity)
  const items =
    after === null
      ? all.filter((message) => message.event_seq < before).slice(-limit)
      : all.filter((message) => message.event_seq > Number(after)).slice(0, limit)
  const edge = after === null ? items[0] : items.at(-1)
  return { items, next: items.length === limit && edge ? String(edge.event_seq) : null }
}

function events(world: World, { query }: Call, id: string | undefined) {
  const after = Number(query.get('after') ?? 0)
  return { items: one(world, id).events.filter((event) => event.event_seq > after), next: null }
}

function reply(world: World, { body }: Call, me: Me, id: string, note: boolean) {
  const { detail } = one(world, id)
  if (!note && detail.agent?.id !== me.id) {
    const owner = { type: detail.owner, agent_id: detail.agent?.id ?? null, name: detail.agent?.name ?? null }
    throw new Refusal(409, 'not-the-owner', 'This conversation is not yours at the moment.', { owner })
  }
  const posted = { text: String(body.text), client_id: String(body.client_id), payload: note ? { note: true } : {} }
  return world.post(id, { type: 'agent', name: me.name }, posted)
}

function claim(world: World, { body }: Call, me: Me, id: string) {
  const { detail } = one(world, id)
  if (detail.agent?.id === me.id) return detail
  if (detail.owner !== 'queue' || detail.owner_epoch !== body.owner_epoch) {
    throw new Refusal(409, 'conversation-taken', 'Somebody was faster.', { winner: detail.agent })
  }
  world.own(id, 'agent', me, 'agent_joined', `${me.name} has joined the conversation.`)
  return detail
}

function transfer(world: World, { body }: Call, me: Me, id: string) {
  const { detail } = one(world, id)
  if (typeof body.note === 'string') {
    world.post(id, { type: 'agent', name: me.name }, { text: body.note, payload: { note: true } })
  }
  if (body.to === 'bot') world.own(id, 'bot', null, 'assistant_back', 'The assistant is back.')
  else if (body.to === 'queue') world.own(id, 'queue', null, 'queued', 'You are in the queue.')
  else world.own(id, 'agent', world.person(String(body.id)) ?? null, 'agent_joined', 'A colleague has joined.')
  return detail
}

function closure(world: World, me: Me, id: string) {
  one(world, id)
  world.close(id, me)
  return world.get(id).detail
}

const ID = '([\\w-]+)'
const at = (method: string, rest = '') => new RegExp(`^${method} /api/conversations/${ID}${rest}$`)

export const conversationRoutes: Routes = [
  [/^GET \/api\/conversations$/, list],
  [at('GET'), (world, _call, _me, [id]) => one(world, id).detail],
  [at('GET', '/messages'), (world, call, _me, [id]) => messages(world, call, id)],
  [at('GET', '/events'), (world, call, _me, [id]) => events(world, call, id)],
  [at('POST', '/messages'), (world, call, me, [id = '']) => reply(world, call, me, id, false)],
  [at('POST', '/notes'), (world, call, me, [id = '']) => reply(world, call, me, id, true)],
  [at('POST', '/assignment'), (world, call, me, [id = '']) => claim(world, call, me, id)],
  [at('POST', '/transfer'), (world, call, me, [id = '']) => transfer(world, call, me, id)],
  [at('POST', '/closure'), (world, _call, me, [id = '']) => closure(world, me, id)],
]
