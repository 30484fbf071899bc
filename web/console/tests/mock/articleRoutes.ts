// The mock's articles, their search, and the texts.
import type { Article, Wording } from '../../src/api/types'
import { page, Refusal, type Routes } from './routes'
import type { World } from './world'

function one(world: World, id: string | undefined): Article {
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

function changeTexts(world: World, items: Wording[]) {
  for (const item of items) {
    const known = world.texts.find((text) => text.key === item.key && text.locale === item.locale)
    if (known) Object.assign(known, { text: item.text, buttons: item.buttons, version: known.version + 1 })
  }
  return { items: world.texts, next: null }
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
      const article: Article = {
        id: String(body.client_id),
        slug: 'new-article',
        locale: String(body.locale),
        title: String(body.title),
        body: String(body.body),
        status: 'draft',
        version: 1,
        category: null,
        tags: [],
        updated_at: new Date().toISOString(),
        updated_by: me.id,
      }
      world.articles.unshift(article)
      return article
    },
  ],
  [/^GET \/api\/kb\/articles\/([\w-]+)$/, (world, _call, _me, [id]) => one(world, id)],
  [
    /^PATCH \/api\/kb\/articles\/([\w-]+)$/,
    (world, { body }, _me, [id]) => Object.assign(one(world, id), body, { version: one(world, id).version + 1 }),
  ],
  [/^POST \/api\/kb\/articles\/([\w-]+)\/publication$/, (world, _call, _me, [id]) => Object.assign(one(world, id), { status: 'published' })],
  [/^DELETE \/api\/kb\/articles\/([\w-]+)\/publication$/, (world, _call, _me, [id]) => Object.assign(one(world, id), { status: 'draft' })],
  [/^GET \/api\/kb\/search$/, (world, { query }) => search(world, query.get('q') ?? '')],
  [/^GET \/api\/texts$/, (world) => ({ items: world.texts, next: null })],
  [/^PATCH \/api\/texts$/, (world, { body }) => changeTexts(world, body.items as Wording[])],
]
