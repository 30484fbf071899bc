// Small things that are read all day: durations, names, packet lines, errors, and who may do what.
import { describe, expect, it } from 'vitest'
import { isTransient, Problem, Unreachable, words } from '../src/api/client'
import type { ConversationDetail, Me } from '../src/api/types'
import { facts, lines, webAddress } from '../src/conversation/packetLines'
import { newOwner } from '../src/conversation/refused'
import { rightsFor } from '../src/conversation/rights'
import { parseFrame } from '../src/live/frames'
import { plain } from '../src/shared/codes'
import { customerName, initials } from '../src/shared/names'
import { ago, duration } from '../src/shared/time'
import { item } from './builders'

describe('times', () => {
  it('move visibly', () => {
    expect([0, 42_000, 185_000, 7_800_000, 273_600_000].map(duration)).toEqual(['0s', '42s', '3m 05s', '2h 10m', '3d 4h'])
    expect(duration(-5_000)).toBe('0s')
  })

  it('are brief when past', () => {
    const now = Date.parse('2026-11-23T12:00:00.000Z')
    expect(ago('2026-11-23T11:59:30.000Z', now)).toBe('now')
    expect(ago('2026-11-23T11:00:00.000Z', now)).toBe('1h')
  })
})

describe('names', () => {
  it('fall back from name to mail to visitor', () => {
    expect(customerName({ id: '1', name: '', email: 'a@b.example' })).toBe('a@b.example')
    expect(customerName({ id: '1', name: null, email: null })).toBe('Visitor')
  })

  it('shorten to initials in any script', () => {
    expect([initials('Nora Lindqvist'), initials('王小明'), initials('nora.l@example.org'), initials('')]).toEqual(['NL', '王', 'NL', '?'])
  })

  it('of unknown codes stay readable', () => {
    expect(plain('brand_new_code')).toBe('Brand new code')
  })
})

describe('packet lines', () => {
  it('take text, codes, lists and objects', () => {
    expect(lines(['I want a refund', 'open_ticket', { text: 'by Thursday' }, null, '', { due: 'Friday', done: false }])).toEqual([
      'I want a refund',
      'Open ticket',
      'by Thursday',
      'Due: Friday',
    ])
  })

  it('show only slots that are filled, as they were typed', () => {
    expect(facts({ order_number: 'DH-2213', email: null, product: 'kettle' })).toEqual([
      ['Order number', 'DH-2213'],
      ['Product', 'kettle'],
    ])
  })

  it('make links of web addresses only', () => {
    expect(webAddress('https://shop.example/a')).toBe('https://shop.example/a')
    expect(webAddress('javascript:alert(1)')).toBeNull()
    expect(webAddress('not a url')).toBeNull()
  })
})

describe('errors', () => {
  it('speak with the words of the server', () => {
    expect(words(new Problem(409, { title: 'No', detail: 'Somebody was faster.' }))).toBe('Somebody was faster.')
    expect(words(new TypeError('x is undefined'))).toBe('Something went wrong.')
  })

  it('are worth repeating only when nothing was refused', () => {
    const errors = [new Unreachable(), new Problem(503, {}), new Problem(429, {}), new Problem(409, {}), new Problem(401, {})]
    expect(errors.map(isTransient)).toEqual([true, true, true, false, false])
  })

  it('name the new owner', () => {
    const owner = (value: unknown) => newOwner(new Problem(409, { owner: value, detail: 'Not yours.' }))
    expect(owner({ type: 'agent', agent_id: 'b', name: 'Ben Okafor' })).toBe('Ben Okafor has this conversation now.')
    expect(owner({ type: 'bot', agent_id: null, name: null })).toBe('The assistant has this conversation now.')
    expect(owner(undefined)).toBe('Not yours.')
  })
})

describe('typing frames', () => {
  it('name agents and tell the kind of the others', () => {
    expect(parseFrame('{"type":"typing","conversation_id":"c1","author":"agent","name":"Ben"}')).toMatchObject({ author: 'Ben' })
    expect(parseFrame('{"type":"typing","conversation_id":"c1","author":"customer"}')).toMatchObject({ author: 'The customer' })
    expect(parseFrame('{"type":"typing","conversation_id":"c1","author":{"type":"customer","name":null}}')).toMatchObject({
      author: 'The customer',
    })
  })
})

describe('rights', () => {
  const person = (...permissions: string[]) => ({ id: 'ada', permissions }) as unknown as Me
  const agent = person('conversations.read', 'conversations.write')
  const supervisor = person('conversations.read', 'conversations.write', 'conversations.takeover')
  const reader = person('conversations.read')
  const one = (change: Partial<ConversationDetail>): ConversationDetail => ({
    ...item('c1'),
    packet: null,
    page_url: null,
    topic: null,
    resolution: null,
    participants: [],
    tickets: [],
    ...change,
  })
  const owned = (id: string, name: string) => one({ owner: 'agent', agent: { id, name } })

  it('let an agent take from the queue but not from the assistant or a colleague', () => {
    expect(rightsFor(one({ owner: 'queue' }), agent)).toMatchObject({ take: true, takeLabel: 'Take it' })
    expect(rightsFor(one({ owner: 'bot' }), agent).take).toBe(false)
    expect(rightsFor(owned('ben', 'Ben'), agent).take).toBe(false)
    expect(rightsFor(owned('ben', 'Ben'), supervisor)).toMatchObject({ take: true, takeLabel: 'Take over' })
  })

  it('let the owner reply, resolve and hand on', () => {
    expect(rightsFor(owned('ada', 'Ada'), agent)).toMatchObject({
      noReply: null,
      resolve: true,
      transfer: true,
      returnToBot: true,
      take: false,
    })
  })

  it('let a participant reply', () => {
    const joined = { ...owned('ben', 'Ben'), participants: [{ id: 'ada', name: 'Ada' }] }
    expect(rightsFor(joined, agent).noReply).toBeNull()
  })

  it('say why a reply is not possible', () => {
    expect(rightsFor(owned('ben', 'Ben Okafor'), agent).noReply).toMatch(/^Ben Okafor has/)
    expect(rightsFor(one({ status: 'resolved' }), agent).noReply).toMatch(/resolved/)
    expect(rightsFor(one({ owner: 'queue' }), agent).noReply).toMatch(/waiting/)
    expect(rightsFor(one({ owner: 'queue' }), reader)).toMatchObject({ take: false, note: false })
  })
})
