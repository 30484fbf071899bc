// Who is signed in, what they may do, and whether they are at their desk.
import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { api, body, Problem } from './client'
import { keys } from './keys'
import type { Me, PresenceStatus } from './types'

/** Null when nobody is signed in; an error only when the question could not be answered. */
async function whoAmI(): Promise<Me | null> {
  try {
    return body(await api.GET('/api/me'))
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null
    throw error
  }
}

export const meQuery = queryOptions({ queryKey: keys.me, queryFn: whoAmI, staleTime: 60_000 })

/** The signed-in member of staff; only below the pages that ask for a session. */
export function useMe(): Me {
  const { data } = useQuery(meQuery)
  if (!data) throw new Error('useMe needs a session')
  return data
}

export type Permission =
  | 'conversations.read'
  | 'conversations.write'
  | 'conversations.takeover'
  | 'tickets.read'
  | 'tickets.write'
  | 'kb.read'
  | 'kb.write'
  | 'kb.publish'
  | 'texts.read'
  | 'texts.write'
  | 'settings.read'
  | 'settings.write'

export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useMe()
  return (permission) => permissions.includes(permission)
}

export async function logIn(email: string, password: string): Promise<void> {
  await api.POST('/api/auth/login', { body: { email, password } })
}

/** Nobody is signed in any more; the next one must not find what this one has read. */
export function forgetSession(client: QueryClient): void {
  client.setQueryData(keys.me, null)
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] })
}

export function useLogOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => api.POST('/api/auth/logout'),
    onSuccess: () => forgetSession(client),
  })
}

export function useSetPresence() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (status: PresenceStatus) => api.PUT('/api/me/presence', { body: { status } }),
    onMutate: (status) => {
      const before = client.getQueryData<Me | null>(keys.me)
      if (before) client.setQueryData(keys.me, { ...before, presence: { ...before.presence, status } })
      return before
    },
    onError: (_error, _status, before) => client.setQueryData(keys.me, before),
    onSettled: () => client.invalidateQueries({ queryKey: keys.me }),
  })
}
