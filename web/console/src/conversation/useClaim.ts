// Taking a conversation: exactly one wins; whoever was slower is told by whom.
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { Problem, words } from '../api/client'
import { claim } from '../api/conversations'
import { keys } from '../api/keys'
import type { ConversationDetail } from '../api/types'
import { takeConversation } from '../live/apply'
import { notify } from '../shared/notify'
import { useStickyTab } from '../inbox/useStickyTab'

/** Refreshes what an owner change touches: the lists, this conversation, and my load. */
export function refreshAfterMove(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: keys.conversation(id) })
  void client.invalidateQueries({ queryKey: keys.conversations })
  void client.invalidateQueries({ queryKey: keys.me })
}

export function useClaim(conversation: ConversationDetail) {
  const client = useQueryClient()
  const showMine = useStickyTab()
  const { mutate, isPending } = useMutation({
    mutationFn: () => claim(conversation),
    onSuccess: (claimed) => {
      takeConversation(client, claimed)
      showMine('mine')
    },
    onError: (error) => {
      const winner = error instanceof Problem ? error.body.winner?.name : undefined
      if (winner) notify.error('Already taken', `${winner} was faster and has this conversation.`)
      else notify.error('You could not take it', words(error))
    },
    onSettled: () => refreshAfterMove(client, conversation.id),
  })
  return { take: () => mutate(), isPending }
}
