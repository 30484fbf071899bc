// The mock's articles, their search, and the texts.
import type { ArticleDetail, Wording } from '../../src/api/types'
import { page, Refusal, type Routes } from './routes'
import type { World } from './world'

function one(world: World, id: string | undefined): ArticleDetail {
  const found = world.articles.find((article) => article.id === id)
  if (!found) throw new Refusal(404, 'not-found', 'There is nothing here')
  return found
}

/** Enough of a search to show both outcomes: words in common with the title. */
function search(world: World, q: string) {
  const words = q.toLowerCase().split(/\W+/)
  const hits = world.articles
    .map((article) => {
      const common = words.filter((word) => word.length > 2 && article.title.toLowerCase().includes(word)).length
      const passage = article.body.split('\n\n')[1] ?? article.body
      return { article_id: article.id, slug: article.slug, title: article.title, passage, score: Math.min(0.95, 0.28 + common * 0.3) }
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, 5)
  return { answerable: (hits[0]?.score ?? 0) >= 0.55, threshold: 0.55, hits }
}

function changeText(world: World, id: string | undefined, body: Record<string, unknown>): Wording {
  const text = world.texts.find((known) => known.id === id)
  if (!text) throw new Refusal(404, 'not-found', 'There is nothing here')
  if (text.version !== body.version) throw new Refusal(409, 'stale', 'Somebody has changed this text meanwhile.')
  return Object.assign(text, { text: String(body.text), version: text.version + 1 })
}

function change(world: World, id: string | undefined, body: Record<string, unknown>): ArticleDetail {
  const article = one(world, id)
  if (article.version !== body.version) throw new Refusal(409, 'article-changed', 'Somebody else was faster.')
  return Object.assign(article, body, { version: article.version + 1 })
}

function publish(world: World, id: string | undefined, version: number | null): ArticleDetail {
  const status = version === null ? 'draft' : 'published'
  return Object.assign(one(world, id), { status, published_version: version })
}

export const articleRoutes: Routes = [
  [
    /^GET \/api\/kb\/articles$/,
    (world, call) => {
      const [locale, status] = [call.query.get('locale'), call.query.get('status')]
      const q = call.query.get('q')?.toLowerCase() ?? ''
      const found = world.articles.filter(
        (one) => (!locale || one.locale === locale) && (!status || one.status === status) && one.title.toLowerCase().includes(q),
      )
      return page(found, call)
    },
  ],
  [
    /^POST \/api\/kb\/articles$/,
    (world, { body }, me) => {
      const article: ArticleDetail = {
        ...one(world, 'a1'),
        tags: [],
        category: '',
        id: String(body.client_id),
        slug: 'new-article',
        locale: String(body.locale),
        title: String(body.title),
        body: String(body.body),
        status: 'draft',
        version: 1,
        published_version: null,
        author: me.name,
        updated_at: new Date().toISOString(),
      }
      world.articles.unshift(article)
      return article
    },
  ],
  [/^GET \/api\/kb\/articles\/([\w-]+)$/, (world, _call, _me, [id]) => one(world, id)],
  [/^PATCH \/api\/kb\/articles\/([\w-]+)$/, (world, { body }, _me, [id]) => change(world, id, body)],
  [/^POST \/api\/kb\/articles\/([\w-]+)\/publication$/, (world, { body }, _me, [id]) => publish(world, id, Number(body.version))],
  [/^DELETE \/api\/kb\/articles\/([\w-]+)\/publication$/, (world, _call, _me, [id]) => publish(world, id, null)],
  [/^GET \/api\/kb\/search$/, (world, { query }) => search(world, query.get('q') ?? '')],
  [/^GET \/api\/texts$/, (world) => ({ items: world.texts, next: null })],
  [/^PATCH \/api\/texts\/([\w-]+)$/, (world, { body }, _me, [id]) => changeText(world, id, body)],
]
