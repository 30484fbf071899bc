// The shapes the visitor API speaks, as far as the widget reads them.

export type AuthorType = "customer" | "bot" | "agent" | "system";
export type Owner = "bot" | "queue" | "agent";

export interface Button {
  label: string;
  value: string;
}

export interface Source {
  article_id: string;
  version?: number;
  locale?: string;
  passage?: string;
  title?: string;
  url?: string;
}

export interface FormField {
  name: string;
  type: string;
  label: string;
  required?: boolean;
  /** What the customer has told already. */
  value?: string;
}

export type Values = Record<string, string>;

export interface Action {
  message_id: string;
  value: string | Values;
}

export interface Payload {
  buttons?: Button[];
  sources?: Source[];
  abstained?: boolean;
  notice?: string;
  action?: Action;
  form?: { fields: FormField[]; values?: Values };
  ticket?: { number: string };
  masked?: boolean;
  target_seq?: number;
}

export interface Attachment {
  id: string;
  name: string;
  mime: string;
  size: number;
  url?: string;
}

export interface Message {
  id: string;
  conversation_id: string;
  seq: number;
  author: { type: AuthorType; name: string | null };
  kind: string;
  text: string;
  payload: Payload;
  attachments: Attachment[];
  client_id: string | null;
  created_at: string;
}

export interface Wait {
  min_s: number | null;
  max_s: number | null;
}

export interface QueuePlace {
  position: number;
  wait: Wait | null;
}

export interface Conversation {
  id: string;
  status: string;
  owner: Owner;
  last_seq: number;
  created_at?: string;
  queue?: QueuePlace | null;
  agent?: { name: string } | null;
  read?: number;
}

export interface Inbox {
  key: string;
  name: string;
  languages: string[];
  online: boolean;
}

export interface SessionAnswer {
  token: string;
  customer_id: string | null;
  conversations: Conversation[];
  inbox?: Inbox;
}

export interface Availability {
  online: boolean;
  open: boolean;
  opens_at: string | null;
  agents: number;
}

export interface Ticket {
  number: string;
  subject: string;
  stage: string;
  created_at: string;
  updated_at: string;
  comments?: Comment[];
}

export interface Comment {
  author: { type: string; name: string | null };
  text: string;
  created_at: string;
}

export interface Page<T> {
  items: T[];
  next?: string | null;
}
