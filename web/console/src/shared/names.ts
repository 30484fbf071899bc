// How people are named where a name may be missing.
import type { ConversationItem } from '../api/types'

export function customerName(customer: ConversationItem['customer']): string {
  return customer.name || customer.email || 'Visitor'
}

export function initials(name: string): string {
  const words = name.replace(/@.*/, '').split(/[\s._-]+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return letters.map((word) => Array.from(word ?? '?')[0]?.toUpperCase() ?? '?').join('')
}
