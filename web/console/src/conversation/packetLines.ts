// Makes readable lines of the packet's looser parts, whatever shape a later server gives them.
import { plain } from '../shared/codes'

const TEXT_KEYS = ['text', 'quote', 'summary', 'title', 'subject', 'what', 'name', 'number', 'code']

function isCode(text: string): boolean {
  return /^[a-z]+(_[a-z]+)*$/.test(text)
}

function objectLine(value: Record<string, unknown>): string {
  const key = TEXT_KEYS.find((name) => typeof value[name] === 'string' && value[name])
  if (key) return plainIfCode(String(value[key]))
  return Object.entries(value)
    .flatMap(([name, part]) => lines(part).map((line) => `${plain(name)}: ${line}`))
    .join(' · ')
}

function plainIfCode(text: string): string {
  return isCode(text) ? plain(text) : text
}

/** Each thing worth a line of its own; nothing for what is empty. */
export function lines(value: unknown): string[] {
  if (value === null || value === undefined || value === '' || value === false) return []
  if (typeof value === 'string') return [plainIfCode(value)]
  if (typeof value === 'number' || value === true) return [String(value)]
  if (Array.isArray(value)) return value.flatMap(lines)
  if (typeof value === 'object') return [objectLine(value as Record<string, unknown>)].filter(Boolean)
  return []
}

/** Collected slots as name and value, without the empty ones. */
export function facts(slots: Record<string, unknown> | undefined | null): [string, string][] {
  return Object.entries(slots ?? {}).flatMap(([name, value]): [string, string][] => {
    const text = typeof value === 'string' ? value : lines(value).join(', ')
    return text ? [[plain(name), text]] : []
  })
}

/** Only web addresses become links; a page address comes from the customer's side. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url) return null
  try {
    const { protocol, href } = new URL(url)
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    return null
  }
}
