// The console's names for the API's shapes: the only module that knows how the schema calls them.
import type { components } from './schema'

type Schemas = components['schemas']

export type Me = Schemas['Me']
export type Presence = Schemas['Presence']
export type PresenceStatus = Presence['status']
export type Person = Schemas['Person']
export type Agent = Schemas['Agent']

export type ConversationItem = Schemas['ConversationItem']
export type ConversationDetail = Schemas['ConversationDetail']
export type Packet = Schemas['Packet']
export type Owner = ConversationItem['owner']
export type Priority = Schemas['QueueEntry']['priority']
export type Message = Schemas['Message']
export type AuthorType = Message['author']['type']
export type Source = Schemas['Source']
export type Attachment = Schemas['Attachment']
export type Transfer = Schemas['Transfer']
export type Closure = Schemas['Closure']

export type Ticket = Schemas['Ticket']
export type TicketDetail = Schemas['TicketDetail']
export type TicketChange = Schemas['TicketChange']
export type TicketComment = Schemas['Comment']
export type Stage = Schemas['Stage']
export type TicketStatus = Schemas['TicketStatus']

export type Article = Schemas['Article']
export type ArticleChange = Schemas['ArticleChange']
export type ArticleStatus = Article['status']
export type SearchResult = Schemas['SearchResult']
export type Wording = Schemas['Wording']

export type ProblemBody = Schemas['Problem']
