// What the person in front of the screen may do with a conversation, and why not.
import type { ConversationDetail, Me } from '../api/types'
import { OWNERS } from '../shared/codes'

export interface Rights {
  mine: boolean
  take: boolean
  /** The verb on the button: a queued conversation is taken, a running one is taken over. */
  takeLabel: string
  transfer: boolean
  returnToBot: boolean
  resolve: boolean
  note: boolean
  /** Null when a reply may be written; else the reason why not. */
  noReply: string | null
}

export function rightsFor(conversation: ConversationDetail, me: Me): Rights {
  const { owner, agent, status, participants } = conversation
  const write = me.permissions.includes('conversations.write')
  const takeover = write && me.permissions.includes('conversations.takeover')
  const mine = owner === 'agent' && agent?.id === me.id
  const joined = participants.some((person) => person.id === me.id)
  const open = status !== 'resolved'
  return {
    mine,
    take: open && !mine && (owner === 'queue' ? write : takeover),
    takeLabel: owner === 'queue' ? 'Take it' : 'Take over',
    transfer: open && ((write && mine) || takeover),
    returnToBot: open && owner !== 'bot' && ((write && mine) || takeover),
    resolve: open && ((write && mine) || takeover),
    note: write,
    noReply: write && open && (mine || joined) ? null : whyNot(conversation, write, takeover),
  }
}

function whyNot({ status, owner, agent }: ConversationDetail, write: boolean, takeover: boolean): string {
  if (!write) return 'Your role reads conversations but does not write in them.'
  if (status === 'resolved') return 'This conversation is resolved. It opens again when the customer writes.'
  if (owner === 'queue') return 'The customer is waiting. Take the conversation to reply.'
  const has = owner === 'bot' ? 'The assistant' : (agent?.name ?? OWNERS[owner])
  return `${has} has this conversation. ${takeover ? 'Take it over to reply.' : 'You can leave a note.'}`
}
