// The live session against a real server and a real socket: what happens on the desk is what the cache holds.
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Problem } from '../src/api/client'
import { claim, conversationsQuery, timelineQuery } from '../src/api/conversations'
import { keys } from '../src/api/keys'
import { logIn, meQuery } from '../src/api/session'
import type { ConversationItem, Me } from '../src/api/types'
import { listFor, type Collection } from '../src/live/collection'
import { makeLive, type Session } from '../src/live/makeLive'
import type { Wire } from '../src/live/socket'
import type { Timeline } from '../src/live/timeline'
import { PASSWORD } from './mock/cast'
import { longTalk } from './mock/scene'
import { startMock, type Mock } from './mock/server'

/** And complete an address; the API client looks for `Request` once, when it is made. */
const page = vi.hoisted(() => {
  const here = { url: '' }
  const RealRequest = globalThis.Request
  globalThis.Request = class extends RealRequest {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(typeof input === 'string' ? new URL(input, here.url) : input, init)
    }
  }
  return here
})

let mock: Mock
let client: QueryClient
let session: Session
let arrived: ConversationItem[]
let cookie: string

/** What a browser does by itself: keep the cookie. */
function keepCookies(): void {
  const realFetch = fetch
  vi.stubGlobal('fetch', async (request: Request) => {
    request.headers.set('cookie', cookie)
    const response = await realFetch(request)
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return response
  })
}

async function signIn(id: string): Promise<void> {
  await logIn(`${id}@halden.example`, PASSWORD)
}

/** Opens a conversation as the page does: read it, keep it in use, watch it. */
async function open(id: string): Promise<void> {
  await client.query(timelineQuery(id))
  new QueryObserver(client, timelineQuery(id)).subscribe(() => undefined)
  session.watch(id)
}

const collection = () => client.getQueryData<Collection>(keys.conversations)
const timeline = (id: string) => client.getQueryData<Timeline>(keys.timeline(id))
const texts = (id: string) => timeline(id)?.messages.map(({ text }) => text) ?? []
const onDesk = (id: string) => mock.world.get(id).messages.map(({ text }) => text)
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 20 })
const say = (id: string, text: string) => mock.world.post(id, { type: 'customer', name: 'Nora' }, { text })

beforeEach(async () => {
  mock = await startMock({ pingEveryMs: 100 })
  page.url = mock.url
  cookie = ''
  arrived = []
  keepCookies()
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  await signIn('ada')
  session = makeLive({
    client,
    me: { id: 'ada', name: 'Ada Moreno' },
    openSocket: () => new WebSocket(mock.url.replace('http', 'ws'), { headers: { cookie } }) as unknown as Wire,
    onArrival: (item) => arrived.push(item),
    onRefused: () => true,
  })
  session.link.start()
  await client.query(conversationsQuery('ada'))
  await eventually(() => expect(session.state.get().status).toBe('ready'))
})

afterEach(async () => {
  session.link.stop()
  session.outbox.stop()
  client.clear()
  await mock.close()
  vi.unstubAllGlobals()
})

describe('the live session', () => {
  it('shows an arrival in its place, and once', async () => {
    mock.world.arrive('new', 'Sofia', 'there is gas smell', 3)
    await eventually(() => expect(arrived.map(({ id }) => id)).toEqual(['new']))
    const waiting = listFor(collection() ?? fail(), 'waiting', 'ada').map(({ id }) => id)
    expect(waiting.slice(0, 2)).toEqual(['c4', 'new'])
    say('new', 'hello?')
    await eventually(() => expect(collection()?.items.new?.last_message?.text).toBe('hello?'))
    expect(arrived).toHaveLength(1)
  })

  it('follows an open conversation', async () => {
    await open('c2')
    for (const text of ['one', 'two', 'three']) say('c2', text)
    await eventually(() => expect(texts('c2')).toEqual(onDesk('c2')))
  })

  it('finds by the ping what no frame told', async () => {
    await open('c2')
    const listeners = [...mock.world.listeners]
    mock.world.listeners.clear()
    say('c2', 'lost on the way')
    listeners.forEach((listener) => mock.world.listeners.add(listener))
    await eventually(() => expect(texts('c2').at(-1)).toBe('lost on the way'))
  })

  it('is complete and in order after the line was cut, however much was missed', async () => {
    await open('c2')
    mock.world.down = 503
    mock.dropSockets()
    await eventually(() => expect(session.state.get().status).toBe('lost'))
    for (let at = 0; at < 250; at += 1) say('c2', `missed ${at}`)
    mock.world.down = 0
    session.link.nudge()
    await eventually(() => expect(texts('c2')).toEqual(onDesk('c2')))
    expect(timeline('c2')?.head).toBe(mock.world.get('c2').detail.last_event_seq)
  })

  it('reads only the newest page of a long conversation', async () => {
    longTalk(mock.world, 'long', 180)
    await open('long')
    expect(texts('long')).toHaveLength(100)
    expect(texts('long').at(-1)).toBe('Line 180')
    expect(timeline('long')?.older).toBe(true)
  })

  it('sends what was written without a server once, when it is back', async () => {
    await open('c2')
    mock.world.down = 503
    mock.dropSockets()
    session.outbox.post('c2', 'written in the dark', false)
    await eventually(() => expect(session.outbox.store.get()[0]?.state).toBe('waiting'))
    mock.world.down = 0
    session.link.nudge()
    await eventually(() => expect(session.outbox.store.get()).toEqual([]))
    await eventually(() => expect(texts('c2').filter((text) => text === 'written in the dark')).toHaveLength(1))
    expect(onDesk('c2').filter((text) => text === 'written in the dark')).toHaveLength(1)
  })

  it('knows of a load that somebody else has changed', async () => {
    const ben = mock.world.person('ben') ?? fail()
    await client.query(meQuery)
    new QueryObserver(client, meQuery).subscribe(() => undefined)
    const load = () => client.getQueryData<Me>(keys.me)?.presence.load
    expect(load()).toBe(1)
    mock.world.own('c2', 'agent', ben, 'agent_joined', 'Ben Okafor has joined.')
    await eventually(() => expect(load()).toBe(0))
  })

  it('tells who was faster', async () => {
    const seen = collection()?.items.c1 ?? fail()
    const ada = cookie
    cookie = ''
    await signIn('ben')
    await claim(seen)
    cookie = ada
    const error: unknown = await claim(seen).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Problem)
    expect((error as Problem).body.winner?.name).toBe('Ben Okafor')
    await eventually(() => expect(collection()?.items.c1?.agent?.id).toBe('ben'))
  })
})

function fail(): never {
  throw new Error('the lists were not read')
}
