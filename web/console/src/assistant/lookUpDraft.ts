// A look-up as it is edited: lists as lines, codes as rows; and what of it is sent.
import type { InputName, LookUp, LookUpField, LookUpIn, LookUpPatch } from '../api/types'

export interface CodeWords {
  code: string
  en: string
  zh: string
}

export interface FieldDraft {
  name: string
  path: string
  type: NonNullable<LookUpField['type']>
  words: CodeWords[]
  currency: string
}

export interface LookUpDraft extends Omit<Required<LookUpIn>, 'fields' | 'inputs' | 'phrases' | 'secret'> {
  fields: FieldDraft[]
  phrases: { en: string[]; zh: string[] }
  /** Typed anew; the one that is kept never comes back from the server. */
  secret: string
  forgetSecret: boolean
}

export const INPUTS: readonly InputName[] = ['order_number', 'email', 'phone', 'product', 'customer']

export const EMPTY: LookUpDraft = {
  name: '',
  inbox: null,
  enabled: true,
  url_template: 'https://',
  secret: '',
  forgetSecret: false,
  secret_header: 'Authorization',
  timeout_s: 3,
  identity: 'email',
  intent: null,
  phrases: { en: [], zh: [] },
  fields: [],
  answer: { en: '', zh: '' },
  not_found: { en: '', zh: '' },
}

export const EMPTY_FIELD: FieldDraft = { name: '', path: '', type: 'text', words: [], currency: '' }

export function draftOf(lookUp: LookUp): LookUpDraft {
  const { name, inbox, enabled, url_template, secret_header, timeout_s, identity, intent, answer, not_found } = lookUp
  return {
    ...{ name, inbox, enabled, url_template, secret_header, timeout_s, identity, intent, answer, not_found },
    secret: '',
    forgetSecret: false,
    phrases: { en: lookUp.phrases.en ?? [], zh: lookUp.phrases.zh ?? [] },
    fields: lookUp.fields.map(fieldDraft),
  }
}

function fieldDraft({ name, path, type = 'text', words = {}, currency }: LookUpField): FieldDraft {
  const rows = Object.entries(words).map(([code, { en, zh }]) => ({ code, en, zh }))
  return { name, path, type, words: rows, currency: currency ?? '' }
}

/** The places in an address, `{order_number}` and the like: they are the look-up's inputs. */
export function inputsOf(url: string): InputName[] {
  const places = new Set([...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
  return INPUTS.filter((name) => places.has(name))
}

/** Places that nothing fills. */
export function strangersIn(url: string): string[] {
  return [...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').filter((name) => !INPUTS.some((known) => known === name))
}

function fieldOf({ name, path, type, words, currency }: FieldDraft): LookUpField {
  const rows = words.filter(({ code }) => code !== '')
  return {
    name,
    path,
    type,
    words: type === 'code' ? Object.fromEntries(rows.map(({ code, en, zh }) => [code, { en, zh }])) : {},
    currency: type === 'amount' && currency ? currency : null,
  }
}

export function wantedOf(draft: LookUpDraft): LookUpIn {
  const { name, inbox, enabled, url_template, secret, secret_header, timeout_s, identity, intent } = draft
  const { phrases, fields, answer, not_found } = draft
  return {
    ...{ name, inbox, enabled, url_template, secret_header, timeout_s, identity, intent, phrases, answer, not_found },
    inputs: inputsOf(url_template),
    fields: fields.map(fieldOf),
    ...(secret ? { secret } : {}),
  }
}

/** What differs from the look-up as it was read, and the version of that. */
export function patchOf(draft: LookUpDraft, lookUp: LookUp): LookUpPatch {
  const before = wantedOf(draftOf(lookUp))
  const after = wantedOf(draft)
  const names = Object.keys(after) as (keyof LookUpIn)[]
  const changed = names.filter((name) => JSON.stringify(after[name]) !== JSON.stringify(before[name]))
  return {
    version: lookUp.version,
    ...Object.fromEntries(changed.map((name) => [name, after[name]])),
    ...(draft.forgetSecret && !draft.secret ? { secret: null } : {}),
  }
}
