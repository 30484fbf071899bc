// The one socket to the server: hello, ping, watch, and a way back after every kind of loss.
import { parseFrame, type ClientFrame, type ServerFrame } from './frames'

export type LinkStatus = 'connecting' | 'ready' | 'lost'

/** As much of a WebSocket as is used here, so that tests can bring their own. */
export type Wire = Pick<WebSocket, 'readyState' | 'onopen' | 'onmessage' | 'onclose' | 'send' | 'close'>

export interface LinkOptions {
  open: () => Wire
  onFrame: (frame: ServerFrame) => void
  onStatus: (status: LinkStatus) => void
  /** How far the ledger of a watched conversation has been read. */
  headOf: (conversationId: string) => number
  random?: () => number
}

const PING_EVERY_MS = 15_000
/** The server pings every 10 s; after three missed ones the line is dead, whatever the browser says. */
const SILENT_AFTER_MS = 35_000
const READY_WITHIN_MS = 10_000
const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 15_000
const OPEN = 1

export class Link {
  private wire: Wire | null = null
  private readonly watched = new Set<string>()
  /** Those that the last hello named: the server follows them from there on. */
  private greeted = new Set<string>()
  private attempts = 0
  private status: LinkStatus = 'connecting'
  private stopped = true
  private retry: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private pings: ReturnType<typeof setInterval> | undefined

  constructor(private readonly options: LinkOptions) {}

  start(): void {
    this.stopped = false
    this.connect()
  }

  stop(): void {
    this.stopped = true
    this.drop()
  }

  /** The network or the page is back: no need to wait for the next attempt. */
  nudge(): void {
    if (this.stopped) return
    if (this.wire?.readyState === OPEN && this.status === 'ready') {
      this.send({ type: 'ping' })
      return
    }
    this.attempts = 0
    this.drop()
    this.connect()
  }

  watch(conversationId: string): void {
    this.watched.add(conversationId)
    this.sendWatch(conversationId)
  }

  unwatch(conversationId: string): void {
    this.watched.delete(conversationId)
    if (this.status === 'ready') this.send({ type: 'unwatch', conversation_id: conversationId })
  }

  typing(conversationId: string): void {
    if (this.status === 'ready') this.send({ type: 'typing', conversation_id: conversationId })
  }

  private connect(): void {
    const wire = this.options.open()
    this.wire = wire
    this.expectWordWithin(READY_WITHIN_MS)
    wire.onopen = () => {
      this.greeted = new Set(this.watched)
      const after = Object.fromEntries([...this.watched].map((id) => [id, this.options.headOf(id)]))
      this.send({ type: 'hello', after })
    }
    wire.onmessage = (event: MessageEvent<unknown>) => this.receive(event.data)
    wire.onclose = () => this.lose()
  }

  private receive(data: unknown): void {
    const frame = typeof data === 'string' ? parseFrame(data) : null
    if (this.status === 'ready' || frame?.type === 'ready') this.expectWordWithin(SILENT_AFTER_MS)
    if (!frame) return
    if (frame.type === 'ready') this.becomeReady()
    this.options.onFrame(frame)
  }

  private becomeReady(): void {
    this.attempts = 0
    clearInterval(this.pings)
    this.pings = setInterval(() => this.send({ type: 'ping' }), PING_EVERY_MS)
    this.tell('ready')
    // A conversation may have been opened between hello and ready.
    for (const id of this.watched) if (!this.greeted.has(id)) this.sendWatch(id)
  }

  private sendWatch(conversationId: string): void {
    if (this.status !== 'ready') return
    this.send({ type: 'watch', conversation_id: conversationId, after: this.options.headOf(conversationId) })
  }

  private send(frame: ClientFrame): void {
    if (this.wire?.readyState === OPEN) this.wire.send(JSON.stringify(frame))
  }

  private expectWordWithin(ms: number): void {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.lose(), ms)
  }

  private lose(): void {
    this.drop()
    if (this.stopped) return
    this.tell('lost')
    this.retry = setTimeout(() => this.connect(), this.nextDelay())
  }

  /** Doubles up to a limit; the jitter keeps a whole office from coming back in the same instant. */
  private nextDelay(): number {
    const ceiling = Math.min(FIRST_DELAY_MS * 2 ** this.attempts, LONGEST_DELAY_MS)
    this.attempts += 1
    return ceiling * (0.5 + (this.options.random ?? Math.random)() / 2)
  }

  private drop(): void {
    clearTimeout(this.retry)
    clearTimeout(this.silence)
    clearInterval(this.pings)
    const wire = this.wire
    this.wire = null
    if (!wire) return
    wire.onopen = wire.onmessage = wire.onclose = null
    wire.close()
  }

  private tell(status: LinkStatus): void {
    this.status = status
    this.options.onStatus(status)
  }
}
