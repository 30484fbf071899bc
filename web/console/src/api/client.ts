// The one way to the server: same-origin fetch with typed paths, and errors that carry the server's words.
import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema'
import type { Page, ProblemBody } from './types'

/** An answer of the server that is not the wanted one (problem+json). */
export class Problem extends Error {
  readonly status: number
  readonly type: string
  readonly body: Partial<ProblemBody>
  readonly retryAfter: number | null

  constructor(status: number, body: Partial<ProblemBody>, retryAfter: number | null = null) {
    super(body.detail || body.title || `The server answered with an error (${status}).`)
    this.name = 'Problem'
    this.status = status
    this.type = body.type ?? ''
    this.body = body
    this.retryAfter = retryAfter
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super('The server cannot be reached. Check your connection.')
    this.name = 'Unreachable'
  }
}

type Listener = () => void
const signedOut = new Set<Listener>()

/** Calls `listener` whenever the server says that nobody is signed in. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener)
  return () => signedOut.delete(listener)
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => ({}))
  const retry = Number(response.headers.get('retry-after'))
  return new Problem(
    response.status,
    typeof body === 'object' && body !== null ? body : {},
    Number.isFinite(retry) && retry > 0 ? retry : null,
  )
}

const problems: Middleware = {
  async onResponse({ request, response }) {
    if (response.ok) return
    const problem = await problemOf(response)
    if (problem.status === 401 && !request.url.endsWith('/auth/login')) signedOut.forEach((tell) => tell())
    throw problem
  },
  onError({ error }) {
    const abandoned = error instanceof DOMException && error.name === 'AbortError'
    return abandoned ? error : new Unreachable()
  },
}

export function makeApi(baseUrl = '', customFetch?: typeof fetch) {
  const api = createClient<paths>({
    baseUrl,
    credentials: 'same-origin',
    fetch: customFetch ?? ((request) => fetch(request)),
  })
  api.use(problems)
  return api
}

export const api = makeApi()

/** The body of an answer whose status promised one. */
export function body<T>(answer: { data?: T }): T {
  if (answer.data === undefined) throw new Problem(502, { detail: 'The server sent an empty answer.' })
  return answer.data
}

/** Whether a page is not the last of its list. */
export function hasMore(page: Page<unknown>): boolean {
  return page.next !== null && page.next !== undefined
}

/** Whether trying the same thing again can help: nothing was refused, it only did not get through. */
export function isTransient(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 429))
}

/** What to tell the person in front of the screen. */
export function words(error: unknown): string {
  return error instanceof Problem || error instanceof Unreachable ? error.message : 'Something went wrong.'
}

/** A fresh id for a creating request; sent again unchanged when the request is repeated. */
export function newClientId(): string {
  return typeof crypto.randomUUID === 'function' ? crypto.randomUUID() : randomUuid()
}

// Over plain http on a host name other than localhost, browsers hide randomUUID.
function randomUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
