// The mock's endpoints: sessions and people here, the nouns in their own modules.
import { articleRoutes } from './articleRoutes'
import { assistantRoutes } from './assistantRoutes'
import { colleague, PASSWORD } from './cast'
import { conversationRoutes } from './conversationRoutes'
import { stageRoutes } from './stageRoutes'
import { ticketRoutes } from './ticketRoutes'
import type { World } from './world'
import type { Me } from '../../src/api/types'

export interface Call {
  method: string
  path: string
  query: URLSearchParams
  cookie: string
  body: Record<string, unknown>
}

export interface Reply {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

export class Refusal extends Error {
  readonly body: Record<string, unknown>
  constructor(
    readonly status: number,
    type: string,
    detail: string,
    extra: Record<string, unknown> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(detail)
    this.body = { type, title: type, status, detail, ...extra }
  }
}

export type Route = (world: World, call: Call, me: Me, match: string[]) => unknown
/** "METHOD /path" with a pattern for each changing part, and what answers it. */
export type Routes = [RegExp, Route][]

const HELPERS: Routes = [
  [/^GET \/api\/me$/, (_world, _call, me) => me],
  [/^GET \/api\/agents$/, (world) => ({ items: world.staff.map(colleague), next: null })],
  [
    /^PUT \/api\/me\/presence$/,
    (_world, { body }, me) => {
      me.presence.status = body.status as Me['presence']['status']
      return me.presence
    },
  ],
]

const ROUTES: Routes = [...HELPERS, ...conversationRoutes, ...ticketRoutes, ...articleRoutes, ...assistantRoutes]

export function sessionOf(world: World, cookie: string): Me | undefined {
  const token = /session=([\w-]+)/.exec(cookie)?.[1] ?? ''
  return world.person(world.sessions.get(token) ?? '')
}

function logIn(world: World, { body }: Call): Reply {
  const me = world.staff.find((one) => one.email === body.email)
  if (world.failedLogins >= 5) {
    throw new Refusal(429, 'too-many-requests', 'Too many attempts.', {}, { 'retry-after': '900' })
  }
  if (!me || body.password !== PASSWORD) {
    world.failedLogins += 1
    throw new Refusal(401, 'unauthorized', 'E-mail or password is wrong.')
  }
  world.failedLogins = 0
  const token = crypto.randomUUID()
  world.sessions.set(token, me.id)
  return { status: 200, body: me, headers: { 'set-cookie': `session=${token}; Path=/; HttpOnly; SameSite=Strict` } }
}

function logOut(world: World, { cookie }: Call): Reply {
  world.sessions.delete(/session=([\w-]+)/.exec(cookie)?.[1] ?? '')
  return { status: 204 }
}

/** Of a list at most `limit`, from the cursor `after` on. */
export function page<T>(items: T[], { query }: Call): { items: T[]; next: string | null } {
  const from = Number(query.get('after') ?? 0)
  const to = from + Number(query.get('limit') ?? 50)
  return { items: items.slice(from, to), next: to < items.length ? String(to) : null }
}

export function answer(world: World, call: Call): Reply {
  const asked = `${call.method} ${call.path}`
  const staged = stageRoutes(world, call)
  if (staged) return staged
  if (world.down) throw new Refusal(world.down, 'unavailable', 'Not available right now')
  if (asked === 'POST /api/auth/login') return logIn(world, call)
  if (asked === 'POST /api/auth/logout') return logOut(world, call)
  const me = sessionOf(world, call.cookie)
  if (!me) throw new Refusal(401, 'unauthorized', 'Please sign in')
  for (const [pattern, route] of ROUTES) {
    const match = pattern.exec(asked)
    if (match) {
      const body = route(world, call, me, match.slice(1))
      return { status: call.method === 'POST' && /messages|notes|comments|articles$/.test(call.path) ? 201 : 200, body }
    }
  }
  throw new Refusal(404, 'not-found', 'There is nothing here')
}
