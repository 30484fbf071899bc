// What was written is sent once and in order, or comes back to its author: nothing is lost on the way.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem, Unreachable } from '../src/api/client'
import type { Message } from '../src/api/types'
import { Outbox, type Outgoing } from '../src/conversation/outbox'
import { message } from './builders'

let sent: Outgoing[]
let answers: (() => Message)[]
let refused: Outgoing[]
let storage: Map<string, string>
let takeBack: boolean

const ok = () => message(sent.length)
const fails = (error: Error) => () => {
  throw error
}

function makeOutbox(author = 'ada'): Outbox {
  return new Outbox({
    author,
    send: (outgoing) => {
      sent.push(outgoing)
      return new Promise((resolve) => resolve((answers.shift() ?? ok)()))
    },
    onSent: () => undefined,
    onRefused: (outgoing) => {
      refused.push(outgoing)
      return takeBack
    },
    storage: {
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => void storage.set(key, value),
    },
  })
}

const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  answers = []
  refused = []
  storage = new Map()
  takeBack = true
})
afterEach(() => vi.useRealTimers())

describe('the outbox', () => {
  it('empties itself', async () => {
    const outbox = makeOutbox()
    outbox.post('c1', 'hello', false)
    expect(outbox.store.get()[0]?.state).toBe('sending')
    await settle()
    expect(outbox.store.get()).toEqual([])
  })

  it('sends in the order of writing, one after the other', async () => {
    const outbox = makeOutbox()
    ;['one', 'two', 'three'].forEach((text) => outbox.post('c1', text, false))
    expect(sent).toHaveLength(1)
    await settle()
    expect(sent.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  })

  it('repeats under the same client id when it did not get through', async () => {
    answers = [fails(new Unreachable()), fails(new Problem(503, {}))]
    const outbox = makeOutbox()
    outbox.post('c1', 'hello', false)
    await settle()
    expect(outbox.store.get()[0]?.state).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1_000)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(sent).toHaveLength(3)
    expect(new Set(sent.map(({ client_id }) => client_id)).size).toBe(1)
    expect(outbox.store.get()).toEqual([])
  })

  it('does not let a later line overtake one that waits', async () => {
    answers = [fails(new Unreachable())]
    const outbox = makeOutbox()
    outbox.post('c1', 'one', false)
    await settle()
    answers = [fails(new Unreachable())]
    outbox.post('c1', 'two', false)
    await settle()
    outbox.flush()
    await settle()
    expect(sent.map(({ text }) => text)).toEqual(['one', 'one', 'one', 'two'])
  })

  it('gives a refused text back and does not try it again', async () => {
    answers = [fails(new Problem(409, { type: 'not-the-owner' }))]
    const outbox = makeOutbox()
    outbox.post('c1', 'hello', false)
    await settle()
    expect(refused.map(({ text }) => text)).toEqual(['hello'])
    expect(outbox.store.get()).toEqual([])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sent).toHaveLength(1)
  })

  it('keeps another refusal in sight until the author decides', async () => {
    takeBack = false
    answers = [fails(new Problem(422, { detail: 'text: must not be empty' }))]
    const outbox = makeOutbox()
    outbox.post('c1', 'hello', false)
    await settle()
    const failed = outbox.store.get()[0]
    expect(failed?.state).toBe('failed')
    expect(failed?.reason).toBe('text: must not be empty')
    outbox.retry(failed?.client_id ?? '')
    await settle()
    expect(outbox.store.get()).toEqual([])
  })

  it('survives a reload with the same client id, for its author only', async () => {
    answers = [fails(new Unreachable())]
    const first = makeOutbox()
    first.post('c1', 'hello', true)
    await settle()
    first.stop()
    expect(makeOutbox('ben').store.get()).toEqual([])
    const second = makeOutbox()
    second.flush()
    await settle()
    expect(sent).toHaveLength(2)
    expect(sent[1]).toMatchObject({ client_id: sent[0]?.client_id, text: 'hello', note: true })
  })
})
