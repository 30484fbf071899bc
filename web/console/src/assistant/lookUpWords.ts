// Plain words for the codes of a look-up, and which of its form's fields can show a fault themselves.
import type { InputName, LookUp } from '../api/types'

const INPUTS: Record<InputName, string> = {
  order_number: 'Order number',
  email: 'E-mail address',
  phone: 'Telephone number',
  product: 'Product',
  customer: 'Customer number',
}

export function inputWords(name: InputName): string {
  return INPUTS[name]
}

const IDENTITIES: Record<LookUp['identity'], string> = {
  anonymous: 'Anybody',
  email: 'Who proves their e-mail address',
  verified: 'Who is signed in to the shop',
}

export function identityWords(identity: LookUp['identity']): string {
  return IDENTITIES[identity]
}

export const IDENTITY_CHOICES = (Object.keys(IDENTITIES) as LookUp['identity'][]).map((value) => ({
  value,
  label: IDENTITIES[value],
}))

export const TYPE_CHOICES = [
  { value: 'text', label: 'Text' },
  { value: 'date', label: 'Date' },
  { value: 'amount', label: 'Amount of money' },
  { value: 'number', label: 'Number' },
  { value: 'code', label: 'Code' },
]

export const NO_INTENT = ''
export const INTENT_CHOICES = [
  { value: NO_INTENT, label: 'Only the phrases below' },
  { value: 'order_status', label: 'Every question about an order' },
]

const SHOWN = new Set([
  ...['name', 'inbox', 'url_template', 'inputs', 'secret', 'secret_header', 'timeout_s', 'identity', 'intent', 'phrases'],
  ...['answer.en', 'answer.zh', 'not_found.en', 'not_found.zh'],
])

export function isShown(field: string): boolean {
  return SHOWN.has(field) || /^fields\.\d+\.(name|path|words|currency)$/.test(field)
}
