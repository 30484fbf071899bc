// A message that the server will not take from us: the text goes back to its author, with the reason.
import type { QueryClient } from '@tanstack/react-query'
import { Problem, words } from '../api/client'
import { keys } from '../api/keys'
import { notify } from '../shared/notify'
import { giveBack } from './drafts'
import type { Outgoing } from './outbox'

/** Who has the conversation now, as far as the 409 tells. */
export function newOwner(problem: Problem): string {
  const { owner, winner } = problem.body as { owner?: unknown; winner?: { name?: string } }
  const named = typeof owner === 'object' && owner !== null ? (owner as Record<string, unknown>) : {}
  const agent = named.agent as { name?: string } | null | undefined
  const name = agent?.name ?? (typeof named.name === 'string' ? named.name : winner?.name)
  if (name) return `${name} has this conversation now.`
  const owned = typeof owner === 'string' ? owner : named.type ?? named.owner
  if (owned === 'bot') return 'The assistant has this conversation now.'
  if (owned === 'queue') return 'This conversation is waiting in the queue now.'
  return problem.message
}

/** True when the text is back in the composer; other refusals stay visible where they were written. */
export function refused(client: QueryClient, user: string, message: Outgoing, error: unknown): boolean {
  if (!(error instanceof Problem) || error.status !== 409) {
    notify.error('The message was not sent', words(error))
    return false
  }
  giveBack(user, message.conversation_id, message.note ? 'note' : 'reply', message.text)
  notify.error('Not sent: your text is still in the composer', newOwner(error))
  void client.invalidateQueries({ queryKey: keys.conversation(message.conversation_id) })
  return true
}
