// The line to the server: what it says first, how it notices its own death, and how it comes back.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ServerFrame } from '../src/live/frames'
import { Link, type LinkStatus } from '../src/live/socket'

class FakeWire {
  readyState = 0
  sent: Record<string, unknown>[] = []
  closed = false
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: (() => void) | null = null

  send(data: string) {
    this.sent.push(JSON.parse(data) as Record<string, unknown>)
  }
  close() {
    this.closed = true
    this.readyState = 3
  }
  open() {
    this.readyState = 1
    this.onopen?.()
  }
  say(frame: Record<string, unknown>) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  die() {
    this.readyState = 3
    this.onclose?.()
  }
}

let wires: FakeWire[]
let frames: ServerFrame[]
let statuses: LinkStatus[]
let link: Link
const latest = () => {
  const wire = wires.at(-1)
  if (!wire) throw new Error('nothing was opened')
  return wire
}
const connect = () => {
  latest().open()
  latest().say({ type: 'ready', conversations: 0 })
}

beforeEach(() => {
  vi.useFakeTimers()
  wires = []
  frames = []
  statuses = []
  link = new Link({
    open: () => {
      const wire = new FakeWire()
      wires.push(wire)
      return wire
    },
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    headOf: (id) => (id === 'c1' ? 12 : 0),
    random: () => 1,
  })
  link.start()
})

afterEach(() => {
  link.stop()
  vi.useRealTimers()
})

describe('the link', () => {
  it('says hello with how far it has read, and is ready when the server says so', () => {
    link.watch('c1')
    latest().open()
    expect(latest().sent).toEqual([{ type: 'hello', after: { c1: 12 } }])
    expect(statuses).toEqual([])
    latest().say({ type: 'ready' })
    expect(statuses).toEqual(['ready'])
    expect(latest().sent).toHaveLength(1)
  })

  it('watches what was opened between hello and ready, and later ones at once', () => {
    latest().open()
    link.watch('c1')
    latest().say({ type: 'ready' })
    link.watch('c2')
    expect(latest().sent.slice(1)).toEqual([
      { type: 'watch', conversation_id: 'c1', after: 12 },
      { type: 'watch', conversation_id: 'c2', after: 0 },
    ])
  })

  it('pings every 15 seconds while it is ready', () => {
    connect()
    for (let beat = 0; beat < 3; beat += 1) {
      vi.advanceTimersByTime(15_000)
      latest().say({ type: 'pong' })
    }
    expect(latest().sent.filter((frame) => frame.type === 'ping')).toHaveLength(3)
    expect(wires).toHaveLength(1)
  })

  it('comes back after a loss, later each time, and names what it watches', () => {
    connect()
    link.watch('c1')
    latest().die()
    expect(statuses.at(-1)).toBe('lost')
    for (const wait of [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      const opened = wires.length
      vi.advanceTimersByTime(wait - 1)
      expect(wires).toHaveLength(opened)
      vi.advanceTimersByTime(1)
      expect(wires).toHaveLength(opened + 1)
      latest().die()
    }
    vi.advanceTimersByTime(15_000)
    latest().open()
    expect(latest().sent).toEqual([{ type: 'hello', after: { c1: 12 } }])
  })

  it('counts the delays anew once it was ready', () => {
    connect()
    latest().die()
    vi.advanceTimersByTime(500)
    connect()
    latest().die()
    vi.advanceTimersByTime(500)
    expect(wires).toHaveLength(3)
  })

  it('takes a silent line for dead', () => {
    connect()
    vi.advanceTimersByTime(34_999)
    expect(statuses.at(-1)).toBe('ready')
    vi.advanceTimersByTime(1)
    expect(statuses.at(-1)).toBe('lost')
    expect(wires[0]?.closed).toBe(true)
  })

  it('gives up on a server that accepts but never gets ready', () => {
    latest().open()
    vi.advanceTimersByTime(10_000)
    expect(statuses).toEqual(['lost'])
  })

  it('does not wait for the next attempt when the network or the page is back', () => {
    latest().die()
    link.nudge()
    expect(wires).toHaveLength(2)
    vi.advanceTimersByTime(500)
    expect(wires).toHaveLength(2)
  })

  it('only asks for a sign of life when it is nudged while ready', () => {
    connect()
    link.nudge()
    expect(wires).toHaveLength(1)
    expect(latest().sent.at(-1)).toEqual({ type: 'ping' })
  })

  it('ignores frames that it does not know and texts that are no frames', () => {
    connect()
    latest().say({ type: 'something_new' })
    latest().onmessage?.({ data: 'not json' })
    latest().say({ type: 'event', conversation_id: 7 })
    expect(frames.map((frame) => frame.type)).toEqual(['ready'])
  })

  it('stays away once it is stopped', () => {
    connect()
    link.stop()
    vi.advanceTimersByTime(60_000)
    expect(wires).toHaveLength(1)
    expect(statuses).toEqual(['ready'])
  })
})
