// The console's names for the API's shapes: the only module that knows how the schema calls them.
// Where the schema says only "string" or "object", the codes of the product's rules are written out here.
import type { components } from './schema'

type Schemas = components['schemas']
type Narrow<Shape, Known> = Omit<Shape, keyof Known> & Known

/** A page of a list; no cursor means that there is nothing more. */
export interface Page<Item> { items: Item[]; next?: string | null }

export type Me = Schemas['MeOut']
export type Presence = Schemas['PresenceOut']
export type PresenceStatus = Presence['status']
export type Person = Schemas['Named']
export type Agent = Schemas['AgentOut']

export type Owner = 'bot' | 'queue' | 'agent'
export type AuthorType = 'customer' | 'bot' | 'agent' | 'system'
type ConversationStatus = 'open' | 'pending_customer' | 'snoozed' | 'resolved'
export type ConversationItem = Narrow<
  Schemas['StaffConversationOut'],
  {
    owner: Owner
    status: ConversationStatus
    last_message: Narrow<Schemas['LastMessage'], { author_type: AuthorType }> | null
  }
>
export type ConversationDetail = Narrow<
  Schemas['StaffConversationDetail'],
  Pick<ConversationItem, 'owner' | 'status' | 'last_message'> & { packet: Packet | null }
>
export type Transfer = Schemas['TransferIn']
export type Closure = Schemas['ClosureIn']

/** The context packet: codes are those of the rules, looser parts are read as they come. */
export interface Packet {
  reasons: { code: string; seq?: number | null; quote?: string | null; weight?: number | null }[]
  wants?: unknown
  tried?: { seq: number; article_id: string; version?: number; title?: string | null; helped?: boolean | null }[]
  slots?: Record<string, unknown>
  mood?: { seq: number; score: number; why?: unknown }[]
  identity?: { level: string } | null
  language?: string | null
  page_url?: string | null
  history?: unknown
  promises?: unknown
  settled?: unknown
  [part: string]: unknown
}

export interface Source { article_id: string; title: string; score?: number; url?: string | null; [more: string]: unknown }

export interface Payload {
  buttons?: { label: string; value: string }[]
  sources?: Source[]
  abstained?: boolean
  notice?: string
  action?: { message_id: string; value: unknown }
  form?: { fields: { name: string; label: string }[]; values?: Record<string, unknown> }
  ticket?: { number: string }
  masked?: boolean
  note?: boolean
  [more: string]: unknown
}

type Author = Narrow<Schemas['Author'], { type: AuthorType }>
export type Message = Narrow<Schemas['StaffMessageOut'], { author: Author; payload: Payload }>
export type Attachment = Schemas['FileOut']

export type Stage = NonNullable<Schemas['TicketChangeIn']['stage']>
export type TicketStatus = NonNullable<Schemas['TicketChangeIn']['status']>
export type TicketPriority = NonNullable<Schemas['TicketChangeIn']['priority']>
export type Ticket = Schemas['StaffTicketOut']
export type TicketDetail = Schemas['StaffTicketDetailOut']
export type TicketChange = Schemas['TicketChangeIn']
export type TicketComment = Schemas['StaffCommentOut']

export type Article = Schemas['ArticleOut']
export type ArticleDetail = Schemas['ArticleDetailOut']
export type ArticleChange = Schemas['ArticleChangeIn']
export type ArticleStatus = Article['status']
export type SearchResult = Schemas['StaffSearchOut']

export type Wording = Narrow<Schemas['TextOut'], { buttons: { label: string; value: string }[] }>

export type InboxRef = Schemas['InboxRef']
export type Recognition = Schemas['EntitiesOut']
/** Rules of recognition as they are edited. */
export type RecognitionDraft = Required<Omit<Schemas['EntityDraft'], 'products'>> & { products: Product[] }
export type Product = Required<Schemas['ProductNames']>
export type RecognitionTrial = Schemas['EntityTrialOut']
export type Recognised = Schemas['EntityFound']

export type LookUp = Schemas['LookUpOut']
export type LookUpIn = Schemas['LookUpIn']
export type LookUpPatch = Schemas['LookUpPatch']
export type LookUpField = Schemas['LookUpField']
export type LookUpTrial = Schemas['TrialOut']
export type InputName = LookUp['inputs'][number]

/** What is wrong with one field of a form, in the server's words. */
export interface Fault { field: string; message: string }

/** problem+json, with what some problems add. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  winner?: Person
  owner?: unknown
  faults?: Fault[]
}
