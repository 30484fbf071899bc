// The wordings that customers read, and changing one of them.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from './client'
import { keys } from './keys'
import type { Wording } from './types'

export const textsQuery = queryOptions({
  queryKey: keys.texts,
  queryFn: async ({ signal }): Promise<Wording[]> => body(await api.GET('/api/texts', { signal })).items,
})

export function useChangeText() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (wording: Wording) => api.PATCH('/api/texts', { body: { items: [wording] } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.texts }),
  })
}
