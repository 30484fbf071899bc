// Reading, writing and publishing articles of the knowledge base, and trying its search.
import { queryOptions, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from './client'
import { keys } from './keys'
import type { ArticleChange, ArticleDetail, ArticleStatus, SearchResult } from './types'

export interface ArticleFilter {
  locale: string
  status: ArticleStatus | undefined
  q: string
}

export function useArticles({ locale, status, q }: ArticleFilter) {
  return useInfiniteQuery({
    queryKey: keys.articleList(locale, status ?? '', q),
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
    queryFn: async ({ signal }): Promise<ArticleDetail> =>
      body(await api.GET('/api/kb/articles/{article_id}', { params: { path: { article_id: id } }, signal })),
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
      body(await api.PATCH('/api/kb/articles/{article_id}', { params: { path: { article_id: id } }, body: change })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.articles }),
  })
}

/** Publishes a version, or takes the article back where none is named. */
export function usePublish(id: string) {
  const client = useQueryClient()
  const params = { path: { article_id: id } }
  return useMutation({
    mutationFn: (version: number | null) =>
      version === null
        ? api.DELETE('/api/kb/articles/{article_id}/publication', { params })
        : api.POST('/api/kb/articles/{article_id}/publication', { params, body: { version } }),
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
