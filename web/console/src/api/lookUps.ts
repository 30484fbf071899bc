// Look-ups in the company's own services: declared, changed, removed, tried out.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from './client'
import { keys } from './keys'
import type { InputName, LookUp, LookUpIn, LookUpPatch, LookUpTrial } from './types'

export const lookUpsQuery = queryOptions({
  queryKey: keys.lookUps,
  queryFn: async ({ signal }): Promise<LookUp[]> =>
    body(await api.GET('/api/look-ups', { params: { query: { limit: 200 } }, signal })).items,
})

export function lookUpQuery(id: string) {
  return queryOptions({
    queryKey: keys.lookUp(id),
    queryFn: async ({ signal }): Promise<LookUp> =>
      body(await api.GET('/api/look-ups/{look_up_id}', { params: { path: { look_up_id: id } }, signal })),
  })
}

export function useCreateLookUp() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (wanted: LookUpIn) => body(await api.POST('/api/look-ups', { body: wanted })),
    // Not waited for: the form begins anew with what comes back, and could no longer say that it was saved.
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.lookUps }),
  })
}

/** The patch names the version that was read: who changed the look-up meanwhile is not overwritten. */
export function useChangeLookUp(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (patch: LookUpPatch) =>
      body(await api.PATCH('/api/look-ups/{look_up_id}', { params: { path: { look_up_id: id } }, body: patch })),
    // Not waited for: the form begins anew with what comes back, and could no longer say that it was saved.
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.lookUps }),
  })
}

export function useDeleteLookUp({ id, version }: Pick<LookUp, 'id' | 'version'>) {
  const client = useQueryClient()
  const params = { path: { look_up_id: id }, query: { version } }
  return useMutation({
    mutationFn: () => api.DELETE('/api/look-ups/{look_up_id}', { params }),
    onSuccess: () => void client.invalidateQueries({ queryKey: keys.lookUps, exact: true }),
  })
}

/** Asks the service now, as it is saved. */
export function useTryLookUp(id: string) {
  return useMutation({
    mutationFn: async (inputs: Partial<Record<InputName, string>>): Promise<LookUpTrial> =>
      body(
        await api.POST('/api/look-ups/{look_up_id}/trial', {
          params: { path: { look_up_id: id } },
          body: { inputs },
        }),
      ),
  })
}
