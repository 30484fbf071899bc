// Asks the knowledge base as a customer would, and shows why it would answer or abstain.
import { Button, Select, TextInput } from '@mantine/core'
import { IconCircleCheck, IconHelpCircle, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { Link } from 'react-router'
import { searchQuery } from '../api/articles'
import type { SearchResult } from '../api/types'
import { Blank, Failed, Loading } from '../shared/states'
import classes from './Articles.module.css'

const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'zh', label: 'Chinese' },
]

export function SearchTrial() {
  const [text, setText] = useState('')
  const [locale, setLocale] = useState('en')
  const [asked, setAsked] = useState({ q: '', locale: 'en' })
  const { data, error, isFetching, refetch } = useQuery(searchQuery(asked.q, asked.locale))

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    const next = { q: text.trim(), locale }
    if (next.q === asked.q && next.locale === asked.locale) void refetch()
    else setAsked(next)
  }

  return (
    <>
      <form className={classes.ask} onSubmit={submit} role="search">
        <TextInput
          aria-label="A customer's question"
          placeholder="Ask as a customer would: my parcel hasn't come"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          className={classes.question}
          data-testid="search-question"
        />
        <Select
          aria-label="Language"
          data={LANGUAGES}
          value={locale}
          onChange={(value) => setLocale(value ?? 'en')}
          w={130}
        />
        <Button type="submit" disabled={!text.trim()} data-testid="search-submit">
          Search
        </Button>
      </form>
      {isFetching ? (
        <Loading rows={3} label="Searching" />
      ) : error ? (
        <Failed error={error} retry={refetch} />
      ) : data ? (
        <Outcome result={data} />
      ) : (
        <Blank
          icon={IconSearch}
          title="Try a question"
          text="You see the passages, their scores, and whether the assistant would dare to answer."
        />
      )}
    </>
  )
}

function Outcome({ result }: { result: SearchResult }) {
  const { answerable, threshold, hits } = result
  const Glyph = answerable ? IconCircleCheck : IconHelpCircle
  return (
    <div role="status">
      <p className={classes.verdict} data-answerable={answerable} data-testid="search-verdict">
        <Glyph size={18} aria-hidden />
        <span>
          <strong>{answerable ? 'The assistant would answer with the first passage.' : 'The assistant would say "I don\'t know".'}</strong>{' '}
          The threshold is {threshold.toFixed(2)}.
        </span>
      </p>
      <ol className={classes.hits}>
        {hits.map((hit, place) => (
          <li key={`${hit.article_id}-${place}`} className={classes.hit} data-testid="search-hit">
            <Score score={hit.score} threshold={threshold} />
            <div className={classes.hitBody}>
              <Link to={`/articles/${hit.article_id}`}>{hit.title}</Link>
              <p>{hit.passage}</p>
            </div>
          </li>
        ))}
      </ol>
    </div>
  )
}

function Score({ score, threshold }: { score: number; threshold: number }) {
  return (
    <span className={classes.scoreBox} data-above={score >= threshold || undefined}>
      {score.toFixed(2)}
      <span className={classes.scale} aria-hidden>
        <span style={{ width: `${Math.min(100, Math.max(0, score * 100))}%` }} />
      </span>
    </span>
  )
}
