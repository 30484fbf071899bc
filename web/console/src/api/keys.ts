// The names under which answers are cached; frames from the socket find them by these.
export const keys = {
  me: ['me'] as const,
  agents: ['agents'] as const,
  conversations: ['conversations'] as const,
  conversation: (id: string) => ['conversation', id] as const,
  timeline: (id: string) => ['timeline', id] as const,
  tickets: ['tickets'] as const,
  ticketList: (status: string, stage: string) => ['tickets', 'list', status, stage] as const,
  ticket: (number: string) => ['tickets', 'one', number] as const,
  articles: ['articles'] as const,
  articleList: (locale: string, status: string, q: string) => ['articles', 'list', locale, status, q] as const,
  article: (id: string) => ['articles', 'one', id] as const,
  search: (q: string, locale: string) => ['articles', 'search', q, locale] as const,
  texts: ['texts'] as const,
}
