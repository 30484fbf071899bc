// Stage directions for scripts that drive a browser: somebody arrives, writes, is faster, or the server goes away.
import type { Call, Reply } from './routes'
import type { World } from './world'

const DIRECTIONS: Record<string, (world: World, body: Record<string, unknown>) => void> = {
  '/mock/arrive': (world, { id, name, text, priority }) =>
    world.arrive(String(id), String(name), String(text), typeof priority === 'number' ? priority : 1),
  '/mock/say': (world, { id, text }) => {
    const name = world.get(String(id)).detail.customer.name
    world.post(String(id), { type: 'customer', name }, { text: String(text) })
  },
  /** Happens without a frame, as if the socket had swallowed it. */
  '/mock/whisper': (world, { id, text }) => {
    const listeners = [...world.listeners]
    world.listeners.clear()
    world.post(String(id), { type: 'customer', name: null }, { text: String(text) })
    listeners.forEach((listener) => world.listeners.add(listener))
  },
  '/mock/take': (world, { id, by }) => {
    const agent = world.person(String(by))
    if (agent) world.own(String(id), 'agent', agent, 'agent_joined', `${agent.name} has joined the conversation.`)
  },
  /** The owner changes, but nobody is told yet: what a slow socket looks like. */
  '/mock/take-silently': (world, { id, by }) => {
    const { detail } = world.get(String(id))
    const agent = world.person(String(by))
    detail.owner = 'agent'
    detail.owner_epoch += 1
    detail.agent = agent ? { id: agent.id, name: agent.name } : null
    detail.participants = detail.agent ? [detail.agent] : []
  },
  '/mock/typing': (world, { id }) => world.tell({ type: 'typing', conversation_id: String(id), author: 'customer' }),
  '/mock/banner': (world, { active }) => world.tell({ type: 'banner', code: 'assistant_down', active: active === true }),
  '/mock/down': (world, { status }) => {
    world.down = Number(status ?? 0)
  },
}

export function stageRoutes(world: World, { path, body }: Call): Reply | null {
  const direction = DIRECTIONS[path]
  if (!direction) return null
  direction(world, body)
  return { status: 204 }
}
