// What the assistant and the system say, key by key and language by language; changed texts are live at once.
import { SegmentedControl, TextInput } from '@mantine/core'
import { IconLock, IconMessage2, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { useMay } from '../api/session'
import { textsQuery } from '../api/texts'
import type { Wording } from '../api/types'
import { languageName } from '../shared/codes'
import { Page } from '../shared/Page'
import rows from '../shared/Rows.module.css'
import { Blank, Failed, Loading } from '../shared/states'
import { TextRow } from './TextRow'

export function TextsPage() {
  const may = useMay()
  if (!may('texts.read')) {
    return (
      <Page title="Texts">
        <Blank icon={IconLock} title="Your role does not read texts" />
      </Page>
    )
  }
  return <Texts />
}

function Texts() {
  const { data: texts, error, isPending, refetch } = useQuery(textsQuery)
  const [search, setSearch] = useSearchParams()
  const locales = [...new Set(texts?.map((text) => text.locale))].sort()
  const locale = search.get('locale') ?? locales[0] ?? 'en'
  return (
    <Page
      title="Texts"
      tools={
        locales.length > 1 && (
          <SegmentedControl
            value={locale}
            onChange={(next) => setSearch({ locale: next }, { replace: true })}
            aria-label="Language"
            data={locales.map((code) => ({ value: code, label: languageName(code) }))}
          />
        )
      }
    >
      {isPending ? (
        <Loading rows={6} label="Loading texts" />
      ) : texts ? (
        <TextList texts={texts.filter((text) => text.locale === locale)} />
      ) : (
        <Failed error={error} retry={refetch} />
      )}
    </Page>
  )
}

function TextList({ texts }: { texts: Wording[] }) {
  const may = useMay()
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const found = texts
    .filter(({ key, text }) => `${key}\n${text}`.toLowerCase().includes(wanted))
    .sort((a, b) => a.key.localeCompare(b.key) || a.inbox.localeCompare(b.inbox))
  return (
    <>
      <div className={rows.filters}>
        <TextInput
          aria-label="Search the texts"
          placeholder="Search keys and texts"
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: '1 1 220px' }}
        />
      </div>
      {found.length === 0 ? (
        <Blank icon={IconMessage2} title="No texts here" />
      ) : (
        <ul className={rows.card} data-testid="text-list">
          {found.map((text) => (
            <TextRow key={text.id} wording={text} readOnly={!may('texts.write')} />
          ))}
        </ul>
      )}
    </>
  )
}
