// Who else answers customers: for transfers and assignments.
import { queryOptions } from '@tanstack/react-query'
import { api, body } from './client'
import { keys } from './keys'
import type { Agent } from './types'

export const agentsQuery = queryOptions({
  queryKey: keys.agents,
  queryFn: async ({ signal }): Promise<Agent[]> => body(await api.GET('/api/agents', { signal })).items,
  staleTime: 15_000,
})
