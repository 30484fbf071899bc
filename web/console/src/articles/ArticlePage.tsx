// One article: read it, change it, publish it or take it back.
import { Button } from '@mantine/core'
import { IconBookOff, IconPencil } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useParams } from 'react-router'
import { articleQuery, useChangeArticle, usePublish } from '../api/articles'
import { Problem, words } from '../api/client'
import { useMay } from '../api/session'
import type { ArticleDetail } from '../api/types'
import { languageName } from '../shared/codes'
import { notify } from '../shared/notify'
import { Page } from '../shared/Page'
import { Pill } from '../shared/Pill'
import { Blank, Failed, Loading } from '../shared/states'
import { fullTime } from '../shared/time'
import { ArticleForm } from './ArticleForm'
import classes from './Articles.module.css'

const BACK = { to: '/articles', label: 'Back to the articles' }

export function ArticlePage() {
  const { id = '' } = useParams()
  const { data: article, error, refetch } = useQuery(articleQuery(id))
  if (article) return <ArticleView key={id} article={article} />
  return (
    <Page title="Article" back={BACK}>
      {error instanceof Problem && error.status === 404 ? (
        <Blank icon={IconBookOff} title="There is no such article" />
      ) : error ? (
        <Failed error={error} retry={refetch} />
      ) : (
        <Loading label="Loading the article" />
      )}
    </Page>
  )
}

function ArticleView({ article }: { article: ArticleDetail }) {
  const may = useMay()
  const [editing, setEditing] = useState(false)
  const change = useChangeArticle(article.id)

  const save = (title: string, body: string) =>
    change.mutate(
      { title, body, version: article.version },
      {
        onSuccess: () => {
          setEditing(false)
          notify.done('Saved')
        },
        onError: (error) => notify.error('The article was not saved', words(error)),
      },
    )

  return (
    <Page
      title={article.title}
      back={BACK}
      tools={
        <>
          <Pill code={article.status} />
          {may('kb.write') && !editing && (
            <Button
              variant="default"
              leftSection={<IconPencil size={16} />}
              onClick={() => setEditing(true)}
              data-testid="article-edit"
            >
              Edit
            </Button>
          )}
          {may('kb.publish') && !editing && <PublishButtons article={article} />}
        </>
      }
    >
      <Facts article={article} />
      {editing ? (
        <ArticleForm
          initial={article}
          busy={change.isPending}
          onSave={({ title, body }) => save(title, body)}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <article className={classes.body} lang={article.locale}>
          {article.body}
        </article>
      )}
    </Page>
  )
}

function PublishButtons({ article }: { article: ArticleDetail }) {
  const { mutate, isPending } = usePublish(article.id)
  const { version, published_version } = article
  const set = (wanted: number | null) =>
    mutate(wanted, {
      onSuccess: () => notify.done(wanted === null ? 'No longer shown to customers' : 'Published'),
      onError: (error) => notify.error(wanted === null ? 'Still published' : 'Not published', words(error)),
    })
  return (
    <>
      {published_version !== null && (
        <Button variant="default" loading={isPending} onClick={() => set(null)} data-testid="article-unpublish">
          Unpublish
        </Button>
      )}
      {published_version !== version && (
        <Button loading={isPending} onClick={() => set(version)} data-testid="article-publish">
          {published_version === null ? 'Publish' : 'Publish the changes'}
        </Button>
      )}
    </>
  )
}

function Facts({ article }: { article: ArticleDetail }) {
  const { locale, version, published_version, category, tags, slug, updated_at, author } = article
  const facts = [
    languageName(locale),
    category,
    slug,
    published_version === null || published_version === version
      ? `version ${version}`
      : `version ${version}, customers read version ${published_version}`,
    `changed ${fullTime(updated_at)}${author && ` by ${author}`}`,
    tags.length > 0 && tags.join(', '),
  ].filter(Boolean)
  return <p className={classes.facts}>{facts.join(' · ')}</p>
}
