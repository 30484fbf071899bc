// The lists: who is in which tab, in which order, and what a late frame or a fresh read may change.
import { describe, expect, it } from 'vitest'
import { countFor, emptyCollection, hasArrived, listFor, reconcile, upsert, type Tab } from '../src/live/collection'
import type { ConversationItem } from '../src/api/types'
import { item, waiting } from './builders'

const ME = 'ada'
const mine = (id: string, change: Partial<ConversationItem> = {}) =>
  item(id, { owner: 'agent', agent: { id: ME, name: 'Ada' }, ...change })
const collect = (...items: ConversationItem[]) => upsert(emptyCollection, items)
const ids = (items: ConversationItem[], tab: Tab) => listFor(collect(...items), tab, ME).map(({ id }) => id)

describe('the tabs', () => {
  it('sort the waiting by priority, then by longest wait', () => {
    const items = [
      waiting('late', '2026-11-23T06:30:00.000Z'),
      waiting('early', '2026-11-23T06:10:00.000Z'),
      waiting('urgent', '2026-11-23T06:50:00.000Z', 3),
      waiting('high', '2026-11-23T06:40:00.000Z', 2),
    ]
    expect(ids(items, 'waiting')).toEqual(['urgent', 'high', 'early', 'late'])
  })

  it('show as mine what I own and have not resolved, the newest word first', () => {
    const said = (at: string) => ({ text: 'hi', author_type: 'customer' as const, at })
    const items = [
      mine('old', { last_message: said('2026-11-23T06:00:00.000Z') }),
      mine('new', { last_message: said('2026-11-23T07:00:00.000Z') }),
      mine('done', { status: 'resolved' }),
      mine('theirs', { agent: { id: 'ben', name: 'Ben' } }),
    ]
    expect(ids(items, 'mine')).toEqual(['new', 'old'])
    expect(ids(items, 'all')).toHaveLength(4)
  })

  it('count, and say when there are more than were sent', () => {
    const collection = collect(waiting('a', '2026-11-23T06:00:00.000Z'), item('b'))
    expect(countFor(collection, 'waiting', ME)).toBe('1')
    expect(countFor({ ...collection, truncated: { bot: true } }, 'bot', ME)).toBe('1+')
  })
})

describe('an upsert', () => {
  it('ignores what is older than the known state', () => {
    const known = collect(mine('a', { last_event_seq: 9, owner_epoch: 3 }))
    const late = upsert(known, [item('a', { last_event_seq: 7, owner_epoch: 2 })])
    expect(late.items.a?.owner).toBe('agent')
    const next = upsert(known, [item('a', { last_event_seq: 10, owner_epoch: 4 })])
    expect(next.items.a?.owner).toBe('bot')
  })
})

describe('a fresh read', () => {
  it('removes what it does not name any more', () => {
    const known = collect(waiting('gone', '2026-11-23T06:00:00.000Z'), item('stays'))
    const fresh = reconcile(known, [item('stays')], known.clock, {}, ME)
    expect(Object.keys(fresh.items)).toEqual(['stays'])
  })

  it('keeps what the socket brought while it was under way', () => {
    const before = collect(item('stays'))
    const during = upsert(before, [waiting('arrived', '2026-11-23T06:00:00.000Z')])
    const fresh = reconcile(during, [item('stays')], before.clock, {}, ME)
    expect(Object.keys(fresh.items).sort()).toEqual(['arrived', 'stays'])
  })

  it('keeps what it could not have named: resolved ones, those of others, and what was cut off', () => {
    const known = collect(
      item('done', { status: 'resolved' }),
      mine('theirs', { agent: { id: 'ben', name: 'Ben' } }),
      item('cut'),
    )
    const fresh = reconcile(known, [], known.clock, { bot: true }, ME)
    expect(Object.keys(fresh.items).sort()).toEqual(['cut', 'done', 'theirs'])
  })
})

describe('an arrival', () => {
  const arrived = { ...waiting('a', '2026-11-23T06:00:00.000Z'), last_event_seq: 4, owner_epoch: 2 }

  it('is a conversation that was not waiting before', () => {
    expect(hasArrived(undefined, arrived)).toBe(true)
    expect(hasArrived(item('a'), arrived)).toBe(true)
  })

  it('is neither a second frame of the same nor a late one', () => {
    expect(hasArrived(arrived, { ...arrived, last_event_seq: 5 })).toBe(false)
    expect(hasArrived(mine('a', { last_event_seq: 9, owner_epoch: 3 }), arrived)).toBe(false)
    expect(hasArrived(item('a'), item('a', { last_event_seq: 2 }))).toBe(false)
  })
})
