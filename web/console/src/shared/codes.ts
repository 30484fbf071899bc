// Plain words for the codes of the API. An unknown code is shown as it is, with spaces.
export const OWNERS: Record<string, string> = { bot: 'Assistant', queue: 'Waiting', agent: 'Agent' }

const WORDS: Record<string, string> = {
  asked_for_person: 'Asked for a person',
  safety: 'Safety',
  self_harm: 'Self-harm',
  legal: 'Legal',
  complaint: 'Complaint',
  unhappy: 'Unhappy',
  repeated: 'Had to repeat themselves',
  abstained: 'Assistant had no answer',
  unhelpful_turns: 'Answers did not help',
  form_failed: 'Form failed',
  bot_failed: 'Assistant failed',
  bot_off: 'Assistant is off',
  cancellation: 'Wants to cancel',
  important: 'Important customer',
  complex: 'Complex matter',
  unreadable: 'Unreadable content',
  no_language: 'No agent for the language',
  agent_lost: 'Agent went offline',
  transfer: 'Transferred',
  in_work: 'In work',
  with_others: 'With others',
  pending_customer: 'Waiting for customer',
  email: 'E-mail',
}

const LEVELS: Record<string, string> = {
  anonymous: 'Anonymous',
  email: 'By e-mail address, not proven',
  verified: 'Proven by the shop',
}

/** How well it is proven who the customer is. */
export function identityName(level: string): string {
  return LEVELS[level] ?? plain(level)
}

export function plain(code: string): string {
  const word = WORDS[code]
  if (word) return word
  const spaced = code.replaceAll('_', ' ').trim()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const
export const STAGES = ['received', 'understood', 'in_work', 'with_others', 'solved', 'confirmed'] as const
export const TICKET_STATUSES = ['open', 'pending_customer', 'resolved', 'closed'] as const
export const ARTICLE_STATUSES = ['draft', 'in_review', 'published', 'archived'] as const

export function options(codes: readonly string[]): { value: string; label: string }[] {
  return codes.map((value) => ({ value, label: plain(value) }))
}

const LANGUAGES: Record<string, string> = { en: 'English', zh: 'Chinese' }

export function languageName(code: string): string {
  return LANGUAGES[code.split('-')[0] ?? code] ?? code
}
