// However frames and pages arrive, a timeline ends up complete, in order, and each message once.
import { describe, expect, it } from 'vitest'
import type { EventFrame } from '../src/live/frames'
import {
  emptyTimeline,
  isBehind,
  openTimeline,
  withEvent,
  withHead,
  withMissed,
  withOlder,
  withOwn,
  type Timeline,
} from '../src/live/timeline'
import { message } from './builders'

function posted(event_seq: number): EventFrame {
  return { type: 'event', conversation_id: 'c1', event_seq, event: { type: 'message_posted' }, message: message(event_seq) }
}

function happened(event_seq: number): EventFrame {
  return { type: 'event', conversation_id: 'c1', event_seq, event: { type: 'owner_changed', to: 'queue' }, message: null }
}

const seqs = (timeline: Timeline) => timeline.messages.map((one) => one.event_seq)

describe('a timeline', () => {
  it('grows with the next event', () => {
    const timeline = withEvent(openTimeline([message(1), message(2)], false), posted(3))
    expect(seqs(timeline)).toEqual([1, 2, 3])
    expect(timeline.head).toBe(3)
    expect(isBehind(timeline)).toBe(false)
  })

  it('shows an event that skips a number, and knows that something is missing', () => {
    const timeline = withEvent(openTimeline([message(1)], false), posted(4))
    expect(seqs(timeline)).toEqual([1, 4])
    expect(timeline.head).toBe(1)
    expect(isBehind(timeline)).toBe(true)
  })

  it('is complete again after the missed page, also where the gap held no message', () => {
    const behind = withEvent(openTimeline([message(1)], false), posted(4))
    const timeline = withMissed(behind, [message(3), message(4)], 4)
    expect(seqs(timeline)).toEqual([1, 3, 4])
    expect(timeline.head).toBe(4)
    expect(isBehind(timeline)).toBe(false)
  })

  it('stays behind when more was heard of while the page was read', () => {
    const behind = withEvent(openTimeline([message(1)], false), posted(4))
    const later = withEvent(behind, posted(7))
    const timeline = withMissed(later, [message(2), message(3), message(4)], 4)
    expect(timeline.head).toBe(4)
    expect(isBehind(timeline)).toBe(true)
    expect(seqs(timeline)).toEqual([1, 2, 3, 4, 7])
  })

  it('takes each message once, in whatever order and however often it comes', () => {
    const numbers = [3, 1, 2, 3, 5, 4, 1, 5]
    const timeline = numbers.reduce((known, number) => withEvent(known, posted(number)), emptyTimeline)
    expect(seqs(timeline)).toEqual([1, 2, 3, 4, 5])
  })

  it('learns from a ping that it is behind', () => {
    const timeline = withHead(openTimeline([message(5)], false), 6)
    expect(isBehind(timeline)).toBe(true)
    expect(isBehind(withHead(timeline, 3))).toBe(true)
    expect(isBehind(withMissed(timeline, [], 6))).toBe(false)
  })

  it('keeps events without a message as lines, once, and ignores those it has read', () => {
    const once = withEvent(openTimeline([message(1)], false), happened(2))
    const twice = withEvent(once, happened(2))
    expect(twice.events).toHaveLength(1)
    expect(withEvent(openTimeline([message(9)], false), happened(2)).events).toHaveLength(0)
  })

  it('puts older pages in front without touching the head', () => {
    const timeline = withOlder(openTimeline([message(8), message(9)], true), [message(6), message(7)], false)
    expect(seqs(timeline)).toEqual([6, 7, 8, 9])
    expect(timeline.head).toBe(9)
    expect(timeline.older).toBe(false)
  })

  it('knows its own message by its client id, whichever copy comes first', () => {
    const own = message(2, { client_id: 'mine', author: { type: 'agent', name: 'Ada' } })
    const frame = { ...posted(2), message: { ...own, client_id: null } }
    const socketFirst = withOwn(withEvent(openTimeline([message(1)], false), frame), own)
    const answerFirst = withEvent(withOwn(openTimeline([message(1)], false), own), frame)
    for (const timeline of [socketFirst, answerFirst]) {
      expect(seqs(timeline)).toEqual([1, 2])
      expect(timeline.messages[1]?.client_id).toBe('mine')
      expect(timeline.head).toBe(2)
    }
  })

  it('replaces an item that has changed', () => {
    const recalled = { ...posted(1), message: message(1, { kind: 'tombstone', text: '' }) }
    const timeline = withEvent(openTimeline([message(1), message(2)], false), recalled)
    expect(timeline.messages[0]?.kind).toBe('tombstone')
    expect(timeline.head).toBe(2)
  })
})
