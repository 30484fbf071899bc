// The knowledge base: its articles by language and status, and a place to try what a question finds.
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBook2, IconPlus, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useArticles, type ArticleFilter } from '../api/articles'
import { useMay } from '../api/session'
import type { Article } from '../api/types'
import { ARTICLE_STATUSES, languageName } from '../shared/codes'
import { Filter } from '../shared/Filter'
import { Page } from '../shared/Page'
import { Pill } from '../shared/Pill'
import rows from '../shared/Rows.module.css'
import { Blank, Failed, Loading } from '../shared/states'
import { ago, useNow } from '../shared/time'
import { SearchTrial } from './SearchTrial'

export function ArticlesPage() {
  const may = useMay()
  const [search, setSearch] = useSearchParams()
  const view = search.get('view') === 'try' ? 'try' : 'list'
  return (
    <Page
      title="Articles"
      tools={
        <>
          <SegmentedControl
            value={view}
            onChange={(next) => setSearch(next === 'try' ? { view: next } : {}, { replace: true })}
            aria-label="What to show"
            data={[
              { value: 'list', label: 'Articles' },
              { value: 'try', label: <span data-testid="try-search">Try the search</span> },
            ]}
          />
          {may('kb.write') && (
            <Button component={Link} to="/articles/new" leftSection={<IconPlus size={16} />} data-testid="new-article">
              New article
            </Button>
          )}
        </>
      }
    >
      {view === 'try' ? <SearchTrial /> : <ArticleList />}
    </Page>
  )
}

function ArticleList() {
  const [search] = useSearchParams()
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 250)
  const filter = { q, locale: search.get('locale') ?? '', status: ARTICLE_STATUSES.find((status) => status === search.get('status')) }
  return (
    <>
      <div className={rows.filters}>
        <TextInput
          aria-label="Search the articles"
          placeholder="Search titles and texts"
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: '1 1 220px' }}
          data-testid="article-search"
        />
        <Filter name="locale" label="Any language" codes={['en', 'zh']} names={languageName} />
        <Filter name="status" label="Any status" codes={ARTICLE_STATUSES} />
      </div>
      <ArticleRows filter={filter} />
    </>
  )
}

function ArticleRows({ filter }: { filter: ArticleFilter }) {
  const articles = useArticles(filter)
  const now = useNow(60_000)
  if (articles.isPending) return <Loading rows={6} label="Loading articles" />
  if (!articles.data) return <Failed error={articles.error} retry={articles.refetch} />
  const items = articles.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Blank icon={IconBook2} title="No articles here" text="Try another filter or word." />
  return (
    <>
      <ul className={rows.card} data-testid="article-list">
        {items.map((article) => (
          <ArticleRow key={article.id} article={article} now={now} />
        ))}
      </ul>
      {articles.hasNextPage && (
        <div className={rows.more}>
          <Button
            variant="default"
            loading={articles.isFetchingNextPage}
            onClick={() => void articles.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </>
  )
}

function ArticleRow({ article, now }: { article: Article; now: number }) {
  const { id, title, slug, locale, status, category, version, published_version, updated_at } = article
  const unpublished = published_version !== null && published_version !== version
  return (
    <li>
      <Link to={`/articles/${id}`} className={rows.row} data-testid="article-item" data-id={id}>
        <span className={rows.main}>
          <span className={rows.subject} lang={locale}>
            {title}
          </span>
          <span className={rows.meta}>
            {category ? `${category} · ` : ''}
            {slug} · version {version}
            {unpublished && ', not yet published'}
          </span>
        </span>
        <span className={rows.side}>
          <span>{languageName(locale)}</span>
          <Pill code={status} />
          <span className={rows.when}>{ago(updated_at, now)}</span>
        </span>
      </Link>
    </li>
  )
}
