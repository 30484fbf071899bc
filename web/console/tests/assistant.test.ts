// The assistant's pages: a message cut where something was recognised, faults at their fields, a look-up's draft.
import { describe, expect, it } from 'vitest'
import { Problem } from '../src/api/client'
import type { LookUp } from '../src/api/types'
import { about, faultsOf, others } from '../src/assistant/faults'
import { draftOf, EMPTY, inputsOf, patchOf, strangersIn, wantedOf } from '../src/assistant/lookUpDraft'
import { isShown } from '../src/assistant/lookUpWords'
import { countryName, kindName, pieces } from '../src/assistant/recognised'

describe('a message', () => {
  it('is cut where something was recognised', () => {
    const found = [
      { entity: 'email', start: 12, end: 18, value: 'a@b.co' },
      { entity: 'order_number', start: 3, end: 11, value: 'HH-204817' },
    ]
    expect(pieces('is hh204817 a@b.co?', found).map(({ text, found }) => [text, found?.value])).toEqual([
      ['is ', undefined],
      ['hh204817', 'HH-204817'],
      [' ', undefined],
      ['a@b.co', 'a@b.co'],
      ['?', undefined],
    ])
  })

  it('is not shifted by an emoji', () => {
    const found = [{ entity: 'ticket_number', start: 2, end: 8, value: 'T-1042' }]
    expect(pieces('😡 T-1042', found)[1]?.text).toBe('T-1042')
  })

  it('names what was found', () => {
    expect([kindName('phone'), kindName('unheard_of')]).toEqual(['Telephone number', 'unheard_of'])
    expect(['NL', 'QX', 'nl', ''].map(countryName)).toEqual(['Netherlands', '', '', ''])
  })
})

describe('faults', () => {
  const faults = [
    { field: 'products.0.aliases', message: 'One.' },
    { field: 'products.0.aliases', message: 'Two.' },
    { field: 'fields', message: 'Three.' },
  ]

  it('stand at their fields', () => {
    expect(about(faults, 'products.0.aliases')).toBe('One. Two.')
    expect(about(faults, 'name')).toBeUndefined()
  })

  it('without a place are shown together', () => {
    expect(others(faults, isShown).map(({ message }) => message)).toEqual(['One.', 'Two.', 'Three.'])
    expect(isShown('fields.2.path')).toBe(true)
  })

  it('come with a refused request alone', () => {
    expect(faultsOf(new Problem(422, { faults }))).toBe(faults)
    expect(faultsOf(new Problem(409, {}))).toEqual([])
    expect(faultsOf(new Error('lost'))).toEqual([])
  })
})

const ORDERS: LookUp = {
  id: 'l1',
  version: 4,
  name: 'orders',
  inbox: null,
  enabled: true,
  url_template: 'https://shop.example/orders/{order_number}?email={email}',
  has_secret: true,
  secret_header: 'X-Key',
  timeout_s: 3,
  identity: 'email',
  inputs: ['order_number', 'email'],
  intent: 'order_status',
  phrases: { en: ['where is my order'], zh: [] },
  fields: [
    { name: 'status', path: 'status', type: 'code', words: { sent: { en: 'is on its way', zh: '已经发货' } }, currency: null },
    { name: 'refund', path: 'refund', type: 'amount', words: {}, currency: 'EUR' },
  ],
  answer: { en: 'It {status}.', zh: '{status}。' },
  not_found: { en: 'No.', zh: '没有。' },
  updated_at: '2026-11-23T12:00:00.000Z',
  updated_by: null,
}

describe('a look-up', () => {
  it('is asked with the places of its address', () => {
    expect(inputsOf('https://x.example/{email}/{order_number}/{email}/{other}')).toEqual(['order_number', 'email'])
    expect(strangersIn('https://x.example/{order_number}/{other}')).toEqual(['other'])
    expect(wantedOf(EMPTY).inputs).toEqual([])
  })

  it('comes back from its draft as it was', () => {
    expect(ORDERS).toMatchObject(wantedOf(draftOf(ORDERS)))
    expect(patchOf(draftOf(ORDERS), ORDERS)).toEqual({ version: 4 })
  })

  it('sends what was changed, and the version that was read', () => {
    const draft = { ...draftOf(ORDERS), url_template: 'https://shop.example/o/{order_number}', timeout_s: 2 }
    expect(patchOf(draft, ORDERS)).toEqual({
      version: 4,
      url_template: 'https://shop.example/o/{order_number}',
      timeout_s: 2,
      inputs: ['order_number'],
    })
  })

  it('keeps its secret unless it is typed anew or forgotten', () => {
    expect(patchOf({ ...draftOf(ORDERS), secret: 'new' }, ORDERS)).toEqual({ version: 4, secret: 'new' })
    expect(patchOf({ ...draftOf(ORDERS), forgetSecret: true }, ORDERS)).toEqual({ version: 4, secret: null })
  })

  it('drops words and currency where the type has none', () => {
    const draft = draftOf(ORDERS)
    const asText = { ...draft, fields: draft.fields.map((field) => ({ ...field, type: 'text' as const })) }
    expect(wantedOf(asText).fields.map(({ words, currency }) => [words, currency])).toEqual([
      [{}, null],
      [{}, null],
    ])
  })
})
