// The mock's rules of recognition and look-ups: kept, changed by version, and a trial that knows one pattern.
import type { LookUp, LookUpTrial, Recognition, RecognitionTrial } from '../../src/api/types'
import { Refusal, type Routes } from './routes'

const rules: Recognition = {
  inbox: 'default',
  order_pattern: 'DH-\\d{4}',
  order_example: 'DH-2213',
  ticket_pattern: '',
  products: [{ name: 'Arc kettle', aliases: ['AK-1', '弧形水壶'] }],
  region: 'NL',
  version: 1,
}

const lookUps: LookUp[] = [
  {
    id: 'l1',
    version: 1,
    name: 'orders',
    inbox: null,
    enabled: true,
    url_template: 'https://shop.example/orders/{order_number}?email={email}',
    has_secret: true,
    secret_header: 'X-Shop-Key',
    timeout_s: 3,
    identity: 'email',
    inputs: ['order_number', 'email'],
    intent: 'order_status',
    phrases: { en: ['where is my order'], zh: ['我的订单到哪'] },
    fields: [{ name: 'status', path: 'status', type: 'text', words: {}, currency: null }],
    answer: { en: 'Your order {status}.', zh: '您的订单{status}。' },
    not_found: { en: 'I find no such order.', zh: '没有这个订单。' },
    updated_at: '2026-11-23T09:00:00.000Z',
    updated_by: 'ada',
  },
]

function kept(id: string | undefined): LookUp {
  const found = lookUps.find((one) => one.id === id)
  if (!found) throw new Refusal(404, 'not-found', 'There is nothing here')
  return found
}

/** A new version of what is kept, unless somebody was faster. */
function changed<T extends { version: number }>(now: T, body: Record<string, unknown>): T {
  if (now.version !== body.version) throw new Refusal(409, 'stale', 'Somebody has changed this meanwhile.')
  return Object.assign(now, body, { version: now.version + 1 })
}

function recognise(text: string): RecognitionTrial {
  const found = [...text.matchAll(/DH-?(\d{4})/gi)].map((match) => ({
    entity: 'order_number',
    start: match.index,
    end: match.index + match[0].length,
    value: `DH-${match[1] ?? ''}`,
  }))
  return { text, found, faults: [] }
}

function tried(lookUp: LookUp): LookUpTrial {
  return {
    state: 'found',
    cause: '',
    cause_code: '',
    took_ms: 12,
    fields: { en: { status: 'is on its way' }, zh: { status: '已经发货' } },
    missing: [],
    text: { en: lookUp.answer.en.replace('{status}', 'is on its way'), zh: lookUp.answer.zh.replace('{status}', '已经发货') },
    at: new Date().toISOString(),
  }
}

export const assistantRoutes: Routes = [
  [/^GET \/api\/inboxes$/, () => [{ key: 'default', name: 'Halden shop', languages: ['en', 'zh'] }]],
  [/^GET \/api\/entities$/, () => rules],
  [/^PUT \/api\/entities$/, (_world, { body }) => changed(rules, body)],
  [/^POST \/api\/entities\/trial$/, (_world, { body }) => recognise(String(body.text))],
  [/^GET \/api\/look-ups$/, () => ({ items: lookUps, next: null })],
  [
    /^POST \/api\/look-ups$/,
    (_world, { body }) => {
      const made = { ...kept('l1'), ...body, id: crypto.randomUUID(), version: 1, has_secret: 'secret' in body }
      lookUps.push(made)
      return made
    },
  ],
  [/^GET \/api\/look-ups\/([\w-]+)$/, (_world, _call, _me, [id]) => kept(id)],
  [/^PATCH \/api\/look-ups\/([\w-]+)$/, (_world, { body }, _me, [id]) => changed(kept(id), body)],
  [/^DELETE \/api\/look-ups\/([\w-]+)$/, (_world, _call, _me, [id]) => void lookUps.splice(lookUps.indexOf(kept(id)), 1)],
  [/^POST \/api\/look-ups\/([\w-]+)\/trial$/, (_world, _call, _me, [id]) => tried(kept(id))],
]
