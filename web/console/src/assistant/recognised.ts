// A message cut where something in it was recognised; and the words for what can be recognised.
import type { Recognised } from '../api/types'

const KINDS: Record<string, string> = {
  order_number: 'Order number',
  ticket_number: 'Ticket number',
  email: 'E-mail address',
  phone: 'Telephone number',
  product: 'Product',
}

export function kindName(entity: string): string {
  return KINDS[entity] ?? entity
}

export interface Piece {
  text: string
  found?: Recognised
}

/** The server counts characters, JavaScript half ones: an emoji before a number must not shift it. */
export function pieces(text: string, found: readonly Recognised[]): Piece[] {
  const characters = Array.from(text)
  const cut: Piece[] = []
  let at = 0
  for (const one of [...found].sort((a, b) => a.start - b.start)) {
    if (one.start > at) cut.push({ text: characters.slice(at, one.start).join('') })
    cut.push({ text: characters.slice(one.start, one.end).join(''), found: one })
    at = one.end
  }
  if (at < characters.length) cut.push({ text: characters.slice(at).join('') })
  return cut
}

/** "NL" is the Netherlands; nothing for what is no country. */
export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return ''
  try {
    const name = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(code)
    return name ?? ''
  } catch {
    return ''
  }
}
