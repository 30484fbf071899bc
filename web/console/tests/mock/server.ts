// A server that speaks the staff API well enough for the console: HTTP, socket, and the built pages under a strict CSP.
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { answer, Refusal } from './routes'
import { serveSockets } from './sockets'
import { openingScene } from './scene'
import type { World } from './world'

export const CSP = "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface Mock {
  url: string
  world: World
  dropSockets: () => void
  close: () => Promise<void>
}

export async function startMock(options: { port?: number; dist?: string; pingEveryMs?: number } = {}): Promise<Mock> {
  const world = openingScene()
  const server = createServer((request, response) => void handle(world, request, response, options.dist))
  const sockets = serveSockets(server, world, options.pingEveryMs)
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    world,
    dropSockets: sockets.drop,
    close: async () => {
      sockets.drop()
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function handle(world: World, request: IncomingMessage, response: ServerResponse, dist = ''): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock')
  if (url.pathname.startsWith('/api/') || url.pathname.startsWith('/mock/')) {
    await answerJson(world, url, request, response)
    return
  }
  servePage(url.pathname, response, dist)
}

async function answerJson(world: World, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { status, body, headers } = answer(world, {
      method: request.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      cookie: request.headers.cookie ?? '',
      body: await readJson(request),
    })
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal-error', String(error))
    response.writeHead(refusal.status, { 'content-type': 'application/problem+json', ...refusal.headers })
    response.end(JSON.stringify(refusal.body))
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text ? (JSON.parse(text) as Record<string, unknown>) : {}
}

function servePage(path: string, response: ServerResponse, dist: string): void {
  const wanted = join(dist, normalize(path.replace(/^\/console\/?/, '/')))
  const file = extname(wanted) && existsSync(wanted) ? wanted : join(dist, 'index.html')
  if (!dist || !existsSync(file)) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
  })
  createReadStream(file).pipe(response)
}
