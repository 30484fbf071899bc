// The wordings that customers read, and changing one of them.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, hasMore } from './client'
import { keys } from './keys'
import type { Page, Wording } from './types'

/** There are a few keys in a few languages: all of them fit on the screen and in the cache. */
async function readAll(signal: AbortSignal): Promise<Wording[]> {
  const all: Wording[] = []
  for (let after = ''; ;) {
    const query = { limit: 200, ...(after && { after }) }
    const page = body(await api.GET('/api/texts', { params: { query }, signal })) as Page<Wording>
    all.push(...page.items)
    if (!hasMore(page) || page.next === after) return all
    after = page.next ?? ''
  }
}

export const textsQuery = queryOptions({ queryKey: keys.texts, queryFn: ({ signal }) => readAll(signal) })

/** `version` is the one that was read: who changed the text meanwhile is not overwritten. */
export function useChangeText({ id, version }: Pick<Wording, 'id' | 'version'>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (text: string) =>
      api.PATCH('/api/texts/{text_id}', { params: { path: { text_id: id } }, body: { text, version } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.texts }),
  })
}
