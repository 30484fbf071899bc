// The mock's staff socket: hello, watch, ping, and frames as the world tells them.
import type { Server } from 'node:http'
import { WebSocketServer, type WebSocket } from 'ws'
import { sessionOf } from './routes'
import type { Frame, World } from './world'

class Client {
  private readonly watched = new Set<string>()

  constructor(
    private readonly socket: WebSocket,
    private readonly world: World,
  ) {}

  receive(text: string): void {
    const frame = JSON.parse(text) as Frame & { after?: unknown; conversation_id?: string }
    if (frame.type === 'hello') {
      Object.entries(frame.after as Record<string, number>).forEach(([id, after]) => this.watch(id, after))
      this.send({ type: 'ready', conversations: this.watched.size })
    } else if (frame.type === 'watch') this.watch(String(frame.conversation_id), Number(frame.after))
    else if (frame.type === 'unwatch') this.watched.delete(String(frame.conversation_id))
    else if (frame.type === 'ping') this.send({ type: 'pong' })
  }

  deliver(frame: Frame): void {
    if (frame.type === 'event' && !this.watched.has(String(frame.conversation_id))) return
    this.send(frame)
  }

  heads(): void {
    const known = [...this.watched].filter((id) => this.world.conversations.has(id))
    const heads = Object.fromEntries(known.map((id) => [id, this.world.get(id).detail.last_event_seq]))
    this.send({ type: 'ping', heads })
  }

  private watch(id: string, after: number): void {
    if (!this.world.conversations.has(id)) return
    this.watched.add(id)
    const { events, messages } = this.world.get(id)
    for (const { event_seq, type, data, message_id } of events.filter((event) => event.event_seq > after)) {
      const message = messages.find((one) => one.id === message_id) ?? null
      this.send({ type: 'event', conversation_id: id, event_seq, event: { ...data, type }, message })
    }
  }

  private send(frame: Frame): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame))
  }
}

export function serveSockets(server: Server, world: World, pingEveryMs = 2_000): { drop: () => void } {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, stream, head) => {
    if (world.down || !sessionOf(world, request.headers.cookie ?? '')) {
      stream.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const client = new Client(socket, world)
      const listener = (frame: Frame) => client.deliver(frame)
      const pings = setInterval(() => client.heads(), pingEveryMs)
      world.listeners.add(listener)
      socket.on('message', (data: Buffer) => client.receive(data.toString()))
      socket.on('close', () => {
        clearInterval(pings)
        world.listeners.delete(listener)
      })
    })
  })
  return { drop: () => sockets.clients.forEach((socket) => socket.terminate()) }
}
