// What the assistant recognises in messages: an inbox's rules, a draft of them tried out, and saving it.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from './client'
import { keys } from './keys'
import type { InboxRef, Recognition, RecognitionDraft, RecognitionTrial } from './types'

export const inboxesQuery = queryOptions({
  queryKey: keys.inboxes,
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<InboxRef[]> => body(await api.GET('/api/inboxes', { signal })),
})

/** Of the inbox with this key; an empty key means the first one. */
export function recognitionQuery(inbox: string) {
  return queryOptions({
    queryKey: keys.recognitionOf(inbox),
    queryFn: async ({ signal }): Promise<Recognition> => {
      const query = inbox ? { inbox } : {}
      return body(await api.GET('/api/entities', { params: { query }, signal }))
    },
  })
}

/** What would be recognised by the draft, and what speaks against saving it. */
export function recognitionTrialQuery(inbox: string, text: string, draft: RecognitionDraft, enabled: boolean) {
  return queryOptions({
    queryKey: keys.recognitionTrial(inbox, text, draft),
    enabled,
    gcTime: 10_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<RecognitionTrial> =>
      body(await api.POST('/api/entities/trial', { body: { inbox, text, draft }, signal })),
  })
}

/** `version` is the one that was read: who changed the rules meanwhile is not overwritten. */
export function useSaveRecognition({ inbox, version }: Pick<Recognition, 'inbox' | 'version'>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (draft: RecognitionDraft) =>
      body(await api.PUT('/api/entities', { params: { query: { inbox } }, body: { ...draft, version } })),
    // Not waited for: the form begins anew with what comes back, and could no longer say that it was saved.
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.recognition }),
  })
}
