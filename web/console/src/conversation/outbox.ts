// Messages on their way out: each sent under one client id until the server has taken or refused it.
import { isTransient, newClientId, words } from '../api/client'
import type { Message } from '../api/types'
import { makeStore, type Store } from '../shared/store'

export interface Outgoing {
  client_id: string
  conversation_id: string
  text: string
  note: boolean
  created_at: string
  /** `waiting`: it did not get through and is tried again; `failed`: refused, the author decides. */
  state: 'sending' | 'waiting' | 'failed'
  reason: string
}

export interface OutboxOptions {
  /** Whose words these are: on a shared desk nobody sends what somebody else has written. */
  author: string
  send: (message: Outgoing) => Promise<Message>
  onSent: (message: Message) => void
  /** A refusal that no repetition can change; true if the text was taken care of and may leave the outbox. */
  onRefused: (message: Outgoing, error: unknown) => boolean
  storage?: Pick<Storage, 'getItem' | 'setItem'>
}

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 15_000

export class Outbox {
  readonly store: Store<Outgoing[]>
  private readonly busy = new Set<string>()
  private attempts = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly options: OutboxOptions) {
    this.store = makeStore(restore(options))
    this.store.subscribe(() => keep(options, this.store.get()))
  }

  post(conversation_id: string, text: string, note: boolean): void {
    const created_at = new Date().toISOString()
    const client_id = newClientId()
    this.store.set((all) => [
      ...all,
      { client_id, conversation_id, text, note, created_at, state: 'sending', reason: '' },
    ])
    void this.drain(conversation_id)
  }

  /** Tries everything that waits: the network is back, or the author asked for it. */
  flush(): void {
    clearTimeout(this.timer)
    for (const id of new Set(this.store.get().map((message) => message.conversation_id))) void this.drain(id)
  }

  retry(client_id: string): void {
    this.change(client_id, { state: 'waiting', reason: '' })
    this.flush()
  }

  drop(client_id: string): void {
    this.store.set((all) => all.filter((message) => message.client_id !== client_id))
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  /** One after the other, so that two lines arrive in the order in which they were written. */
  private async drain(conversation_id: string): Promise<void> {
    if (this.busy.has(conversation_id)) return
    this.busy.add(conversation_id)
    try {
      for (let next = this.next(conversation_id); next; next = this.next(conversation_id)) {
        if (!(await this.attempt(next))) return
      }
    } finally {
      this.busy.delete(conversation_id)
    }
  }

  private next(conversation_id: string): Outgoing | undefined {
    return this.store
      .get()
      .find((message) => message.conversation_id === conversation_id && message.state !== 'failed')
  }

  private async attempt(message: Outgoing): Promise<boolean> {
    this.change(message.client_id, { state: 'sending' })
    try {
      const sent = await this.options.send(message)
      this.attempts = 0
      this.drop(message.client_id)
      this.options.onSent(sent)
      return true
    } catch (error) {
      if (isTransient(error)) {
        this.change(message.client_id, { state: 'waiting', reason: words(error) })
        this.tryAgainLater()
        return false
      }
      if (this.options.onRefused(message, error)) this.drop(message.client_id)
      else this.change(message.client_id, { state: 'failed', reason: words(error) })
      return true
    }
  }

  private tryAgainLater(): void {
    clearTimeout(this.timer)
    const delay = Math.min(FIRST_DELAY_MS * 2 ** this.attempts, LONGEST_DELAY_MS)
    this.attempts += 1
    this.timer = setTimeout(() => this.flush(), delay)
  }

  private change(client_id: string, change: Partial<Outgoing>): void {
    this.store.set((all) =>
      all.map((message) => (message.client_id === client_id ? { ...message, ...change } : message)),
    )
  }
}

function keyOf(author: string): string {
  return `deskhand.outbox.${author}`
}

function restore({ author, storage }: OutboxOptions): Outgoing[] {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(keyOf(author)) ?? '[]')
    return Array.isArray(kept) ? (kept as Outgoing[]) : []
  } catch {
    return []
  }
}

function keep({ author, storage }: OutboxOptions, messages: Outgoing[]): void {
  try {
    storage?.setItem(keyOf(author), JSON.stringify(messages))
  } catch {
    // Without storage a reload loses what was not sent; the server never saw it either.
  }
}
