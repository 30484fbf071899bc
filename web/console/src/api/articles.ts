// Reading, writing and publishing articles of the knowledge base, and trying its search.
import { queryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from './client'
import { keys } from './keys'
import type { Article, ArticleChange, SearchResult } from './types'

export interface ArticleFilter {
  locale: string
  status: string
  q: string
}

export function useArticles({ locale, status, q }: ArticleFilter) {
  return useInfiniteQuery({
    queryKey: keys.articleList(locale, status, q),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        limit: 50,
        ...(locale ? { locale } : {}),
        ...(status ? { status } : {}),
        ...(q ? { q } : {}),
        ...(pageParam ? { after: pageParam } : {}),
      }
      return body(await api.GET('/api/kb/articles', { params: { query }, signal }))
    },
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

export function articleQuery(id: string) {
  return queryOptions({
    queryKey: keys.article(id),
    queryFn: async ({ signal }): Promise<Article> =>
      body(await api.GET('/api/kb/articles/{id}', { params: { path: { id } }, signal })),
  })
}

export interface NewArticle {
  client_id: string
  locale: string
  title: string
  body: string
}

export function useCreateArticle() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (article: NewArticle) => body(await api.POST('/api/kb/articles', { body: article })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.articles }),
  })
}

export function useChangeArticle(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (change: ArticleChange) =>
      body(await api.PATCH('/api/kb/articles/{id}', { params: { path: { id } }, body: change })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.articles }),
  })
}

export function usePublish(id: string) {
  const client = useQueryClient()
  const request = { params: { path: { id } } }
  return useMutation({
    mutationFn: (published: boolean) =>
      published
        ? api.POST('/api/kb/articles/{id}/publication', request)
        : api.DELETE('/api/kb/articles/{id}/publication', request),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.articles }),
  })
}

/** What a customer's question would find right now. */
export function searchQuery(q: string, locale: string) {
  return queryOptions({
    queryKey: keys.search(q, locale),
    enabled: q !== '',
    staleTime: 0,
    queryFn: async ({ signal }): Promise<SearchResult> => {
      const query = { q, limit: 5, ...(locale ? { locale } : {}) }
      return body(await api.GET('/api/kb/search', { params: { query }, signal }))
    },
  })
}
