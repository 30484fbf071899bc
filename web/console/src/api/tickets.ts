// Reading and changing tickets.
import { queryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, newClientId } from './client'
import { keys } from './keys'
import type { Stage, TicketChange, TicketDetail, TicketStatus } from './types'

export function useTickets(status: TicketStatus | undefined, stage: Stage | undefined) {
  return useInfiniteQuery({
    queryKey: keys.ticketList(status ?? '', stage ?? ''),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: 50,
        ...(status ? { status } : {}),
        ...(stage ? { stage } : {}),
        ...(pageParam ? { after: Number(pageParam) } : {}),
      }
      return body(await api.GET('/api/tickets', { params: { query }, signal }))
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

export function ticketQuery(number: string) {
  return queryOptions({
    queryKey: keys.ticket(number),
    queryFn: async ({ signal }): Promise<TicketDetail> =>
      body(await api.GET('/api/tickets/{number}', { params: { path: { number } }, signal })),
  })
}

export function useChangeTicket(number: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: TicketChange) =>
      api.PATCH('/api/tickets/{number}', { params: { path: { number } }, body: change }),
    onSettled: () => client.invalidateQueries({ queryKey: keys.tickets }),
  })
}

/** The caller keeps the `client_id` until it got through, so that a second try is no second comment. */
export interface NewComment {
  client_id: string
  text: string
  public: boolean
}

export function newComment(text: string, isPublic: boolean): NewComment {
  return { client_id: newClientId(), text, public: isPublic }
}

export function useComment(number: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (comment: NewComment) =>
      api.POST('/api/tickets/{number}/comments', { params: { path: { number } }, body: comment }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.tickets }),
  })
}
