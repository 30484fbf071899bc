// What the transcript shows of a timeline.
import { describe, expect, it } from 'vitest'
import { eventWords } from '../src/conversation/eventWords'
import { rowsOf, type Row } from '../src/conversation/rows'
import { message } from './builders'

const notice = (event_seq: number, code: string) =>
  message(event_seq, { kind: 'notice', author: { type: 'system', name: null }, payload: { notice: code } })
const changed = (event_seq: number, data: Record<string, unknown>) => ({
  event_seq,
  event: { type: 'owner_changed', ...data },
  at: null,
})
const kinds = (timeline: Parameters<typeof rowsOf>[0]) => rowsOf(timeline).map((row) => row.type)

const linesOf = (rows: Row[]) => rows.flatMap((row) => (row.type === 'line' ? [row.text] : []))

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
      messages: [message(1), notice(2, 'nobody_available'), message(20)],
      events: [changed(10, { from: 'queue', to: 'agent', agent_name: 'Mei' }), changed(30, { from: 'agent', to: 'bot' })],
    })
    expect(linesOf(rows)).toEqual([
      'Nobody was available: a ticket was offered',
      'Mei took it from the queue',
      'Back with the assistant',
    ])
    expect(rows.at(-1)?.type).toBe('line')
  })

  it('say a change once, in the words for staff', () => {
    const rows = rowsOf({
      messages: [message(1), notice(4, 'agent_joined'), message(6), notice(8, 'resolved')],
      events: [
        changed(2, { from: 'bot', to: 'agent', agent_name: 'Ada' }),
        { event_seq: 3, event: { type: 'agent_joined' }, at: null },
        changed(9, { from: 'agent', to: 'bot', reason: 'resolved' }),
        { event_seq: 10, event: { type: 'status_changed', to: 'resolved', reason: 'problem_fixed' }, at: null },
      ],
    })
    expect(linesOf(rows)).toEqual(['Ada took it over from the assistant', 'Resolved: problem fixed'])
  })

  it('name who passed a conversation on', () => {
    const actor = { type: 'agent', name: 'Ines' }
    const words = [
      { from: 'agent', to: 'agent', agent_name: 'Mila', actor },
      { from: 'agent', to: 'queue', reason: 'transfer', actor },
      { from: 'agent', to: 'bot', actor },
      { from: 'bot', to: 'queue', reason: 'asked_for_person', actor: { type: 'system' } },
    ].map((event) => eventWords({ type: 'owner_changed', ...event }))
    expect(words).toEqual([
      'Ines passed it to Mila',
      'Ines put it back into the queue',
      'Ines returned it to the assistant',
      'Into the queue: asked for a person',
    ])
  })

  it('keep a notice that no event repeats, and safety advice word for word', () => {
    const advice = message(3, { kind: 'notice', text: 'Unplug it.', payload: { notice: 'safety' } })
    expect(linesOf(rowsOf({ messages: [notice(1, 'queued'), advice], events: [] }))).toEqual(['Into the queue', 'Unplug it.'])
  })

  it('leave out events that nobody needs to read', () => {
    const quiet = { event_seq: 2, event: { type: 'turn_ended', state: 'answered' }, at: null }
    expect(kinds({ messages: [message(1)], events: [quiet] })).toEqual(['day', 'message'])
  })
})
