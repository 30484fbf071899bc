// The permanent cast of the mock desk: who works here, who writes in, and what was said before the curtain.
import type { Agent, ArticleDetail, Me, Packet, TicketDetail, Wording } from '../../src/api/types'

export const PASSWORD = 'correct horse'

const AGENT = [
  'conversations.read',
  'conversations.write',
  'customers.read',
  'tickets.read',
  'tickets.write',
  'kb.read',
  'texts.read',
]
const ADMIN = [
  ...AGENT,
  ...['conversations.takeover', 'kb.write', 'kb.publish', 'texts.write', 'users.write', 'settings.read', 'settings.write'],
]

function person(id: string, name: string, role: string, permissions: string[], load: number): Me {
  return {
    id,
    email: `${id}@halden.example`,
    name,
    role,
    permissions,
    languages: id === 'mei' ? ['en', 'zh'] : ['en'],
    skills: ['orders'],
    presence: { status: 'online', load, capacity: 4 },
    workplace: { name: 'Halden & Co.' },
  }
}

export function staff(): Me[] {
  return [
    person('ada', 'Ada Moreno', 'admin', ADMIN, 1),
    person('ben', 'Ben Okafor', 'agent', AGENT, 0),
    person('mei', 'Mei Tanaka', 'agent', AGENT, 2),
  ]
}

export function colleague(me: Me): Agent {
  const { id, name, languages, skills, presence } = me
  return { id, name, languages, skills, ...presence }
}

export function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString()
}

export const PARCEL_PACKET: Packet = {
  reasons: [
    { code: 'asked_for_person', seq: 5, quote: 'Can I please talk to a real person now?', weight: 1 },
    { code: 'unhappy', seq: 3, quote: 'This is the third time I write about the same parcel.', weight: 0.7 },
  ],
  wants: ['My parcel has not come, it should have been here on Tuesday.'],
  tried: [
    { seq: 2, article_id: 'a1', version: 3, title: 'Where is my parcel?', helped: false },
    { seq: 4, article_id: 'a2', version: 1, title: 'What the delivery states mean', helped: null },
  ],
  slots: { order_number: 'DH-2213', email: 'nora@example.org', product: null },
  tickets: [{ number: 'T-1042', subject: 'Parcel DH-2213 is late', stage: 'in_work' }],
  mood: [
    { seq: 1, score: 0.2, why: [] },
    { seq: 3, score: 0.62, why: ['repeats the matter'] },
    { seq: 5, score: 0.74, why: ['asks for a person', 'repeats the matter'] },
  ],
  identity: { level: 'email' },
  language: 'en',
  page_url: 'https://shop.halden.example/orders/DH-2213?from=mail',
  sla: {},
  history: { conversations: 2, last_at: ago(60 * 24 * 9) },
  promises: ['Carrier answers by Thursday noon'],
  settled: [],
}

export function tickets(): TicketDetail[] {
  const base = {
    version: 1,
    type: 'incident',
    conversation_id: null,
    order_number: 'DH-2213',
    email: 'nora@example.org',
    history: [],
    language: 'en',
    merged_into: null,
    resolved_at: null,
    team_id: null,
  }
  const nora = { id: 'cu1', name: 'Nora Lindqvist', email: 'nora@example.org' }
  const first: TicketDetail = {
    ...base,
    number: 'T-1042',
    subject: 'Parcel DH-2213 is late',
    description: 'The parcel was due on Tuesday. The carrier shows "in transit" since Monday.\nThe customer needs it before Saturday.',
    stage: 'in_work',
    status: 'open',
    priority: 'high',
    conversation_id: 'c1',
    customer: nora,
    assignee: { id: 'ada', name: 'Ada Moreno' },
    created_at: ago(60 * 26),
    updated_at: ago(42),
    comments: [
      {
        id: 'T-1042:1',
        number: 'T-1042',
        author: { type: 'agent', name: 'Ada Moreno' },
        text: 'We have asked the carrier where your parcel is. You hear from us by Thursday noon.',
        public: true,
        masked: false,
        created_at: ago(60 * 20),
      },
      {
        id: 'T-1042:2',
        number: 'T-1042',
        author: { type: 'agent', name: 'Ben Okafor' },
        text: 'Carrier hotline: parcel was mis-sorted in Malmö, back on its way.',
        public: false,
        masked: false,
        created_at: ago(42),
      },
    ],
  }
  const subjects = ['Kettle lid cracked', 'Invoice without company name', 'Toaster trips the fuse', 'Wrong colour delivered']
  const rest = Array.from({ length: 60 }, (_, at): TicketDetail => ({
    ...base,
    number: `T-${1041 - at}`,
    subject: subjects[at % subjects.length] ?? '',
    description: 'The lid broke on the second day.',
    stage: (['received', 'understood', 'with_others', 'solved', 'confirmed'] as const)[at % 5] ?? 'received',
    status: (['open', 'pending_customer', 'resolved'] as const)[at % 3] ?? 'open',
    priority: at % 9 === 0 ? 'urgent' : 'normal',
    customer: at % 2 ? { id: 'cu2', name: null, email: `guest${at}@example.net` } : nora,
    assignee: at % 3 ? { id: 'ben', name: 'Ben Okafor' } : null,
    created_at: ago(60 * 30 * (at + 1)),
    updated_at: ago(60 * 7 * (at + 1)),
    comments: [],
  }))
  return [first, ...rest]
}

export function articles(): ArticleDetail[] {
  const titles: [string, string, string][] = [
    ['a1', 'Where is my parcel?', 'en'],
    ['a2', 'What the delivery states mean', 'en'],
    ['a3', 'Sending something back', 'en'],
    ['a4', 'Descaling your kettle', 'en'],
    ['a5', '我的包裹在哪里？', 'zh'],
    ['a6', 'Warranty: what is covered', 'en'],
  ]
  return titles.map(([id, title, locale], at) => ({
    id,
    slug: locale === 'zh' ? 'where-is-my-parcel' : title.toLowerCase().replace(/[^a-z]+/g, '-').replace(/-$/, ''),
    locale,
    title,
    body:
      locale === 'zh'
        ? '订单发出后，您会收到一封带有物流单号的邮件。'
        : '## The short answer\n\nEvery parcel has a number. You find it in the mail that we send when the parcel leaves us.\n\n## If nothing moves for three days\n\nWrite to us with your order number. We ask the carrier and answer within one working day.',
    status: at === 3 ? 'draft' : 'published',
    version: at + 1,
    category: at < 3 ? 'Delivery' : 'Products',
    tags: ['parcel', 'carrier'].slice(at % 2),
    published_version: at === 3 ? null : Math.max(1, at),
    audience: 'public',
    codes: [],
    questions: [],
    translations: [],
    note: '',
    url: `/help/${id}`,
    valid_from: null,
    valid_until: null,
    author: 'Ada Moreno',
    created_at: ago(60 * 24 * 30),
    updated_at: ago(60 * 24 * (at + 1)),
  }))
}

export function texts(): Wording[] {
  const buttons = [
    { label: 'Open a ticket', value: 'open_ticket' },
    { label: 'Talk to a person', value: 'ask_person' },
  ]
  const wording = (key: string, locale: string, text: string, rows: Wording['buttons'] = []): Wording => {
    return { id: `${locale}-${key}`, key, locale, inbox: '', text, buttons: rows, version: 1 }
  }
  return [
    wording('utter_dont_know', 'en', "I don't know, and I would rather not guess. Shall I open a ticket or get a person?", buttons),
    wording('utter_greet', 'en', 'Hello! What can I do for you?'),
    wording('utter_ticket_created', 'en', 'Done. Your ticket is {number}.'),
    wording('notice_agent_joined', 'en', '{name} has joined the conversation.'),
    wording('utter_greet', 'zh', '您好！有什么可以帮您？'),
    wording('utter_ticket_created', 'zh', '已为您创建工单 {number}。'),
  ]
}
