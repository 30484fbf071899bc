// What the transcript shows of a timeline.
import { describe, expect, it } from 'vitest'
import { rowsOf } from '../src/conversation/rows'
import { message } from './builders'

const notice = (event_seq: number, text: string) =>
  message(event_seq, { kind: 'notice', author: { type: 'system', name: null }, text, payload: { notice: 'queued' } })
const changed = (event_seq: number, data: Record<string, unknown>) => ({
  event_seq,
  event: { type: 'owner_changed', ...data },
  at: null,
})
const kinds = (timeline: Parameters<typeof rowsOf>[0]) => rowsOf(timeline).map((row) => row.type)

describe('the rows', () => {
  it('separate days and group what one person said in a row', () => {
    const rows = rowsOf({
      messages: [
        message(1, { created_at: '2026-11-22T10:00:00.000Z' }),
        message(2, { created_at: '2026-11-23T10:00:00.000Z' }),
        message(3, { created_at: '2026-11-23T10:01:00.000Z' }),
        message(4, { created_at: '2026-11-23T10:20:00.000Z' }),
      ],
      events: [],
    })
    expect(rows.map((row) => row.type)).toEqual(['day', 'message', 'day', 'message', 'message', 'message'])
    expect(rows.flatMap((row) => (row.type === 'message' ? [row.first] : []))).toEqual([true, true, false, true])
  })

  it('never group a note with a reply of the same agent', () => {
    const agent = { type: 'agent' as const, name: 'Ada' }
    const rows = rowsOf({
      messages: [message(1, { author: agent }), message(2, { author: agent, seq: null, payload: { note: true } })],
      events: [],
    })
    expect(rows.at(-1)).toMatchObject({ type: 'message', first: true })
  })

  it('show notices and events as thin lines in their place', () => {
    const rows = rowsOf({
      messages: [message(1), notice(2, 'You are in the queue.'), message(20)],
      events: [changed(10, { to: 'agent', agent_name: 'Mei' }), changed(30, { to: 'bot' })],
    })
    expect(rows.flatMap((row) => (row.type === 'line' ? [row.text] : []))).toEqual([
      'You are in the queue.',
      'Mei has the conversation',
      'The assistant has the conversation',
    ])
    expect(rows.at(-1)?.type).toBe('line')
  })

  it('say a change of owner once, when a notice tells it already', () => {
    expect(kinds({ messages: [message(1), notice(3, 'Ada has joined.')], events: [changed(2, { to: 'agent' })] })).toEqual([
      'day',
      'message',
      'line',
    ])
  })

  it('leave out events that nobody needs to read', () => {
    const quiet = { event_seq: 2, event: { type: 'turn_ended', state: 'answered' }, at: null }
    expect(kinds({ messages: [message(1)], events: [quiet] })).toEqual(['day', 'message'])
  })
})
