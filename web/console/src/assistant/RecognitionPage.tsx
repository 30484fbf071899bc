// What the assistant recognises in messages, inbox by inbox: patterns of numbers, and the products' names.
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { inboxesQuery, recognitionQuery } from '../api/recognition'
import { Failed, Loading } from '../shared/states'
import { AssistantPage } from './AssistantPage'
import { RecognitionForm } from './RecognitionForm'

export function RecognitionPage() {
  return (
    <AssistantPage title="Recognised codes and products" tools={<InboxChoice />}>
      <Rules />
    </AssistantPage>
  )
}

function InboxChoice() {
  const { data: inboxes = [] } = useQuery(inboxesQuery)
  const [search, setSearch] = useSearchParams()
  if (inboxes.length < 2) return null
  return (
    <Select
      aria-label="Inbox"
      data={inboxes.map(({ key, name }) => ({ value: key, label: name }))}
      value={search.get('inbox') ?? inboxes[0]?.key ?? null}
      onChange={(key) => setSearch(key ? { inbox: key } : {}, { replace: true })}
      w={220}
    />
  )
}

function Rules() {
  const [search] = useSearchParams()
  const { data: rules, error, refetch } = useQuery(recognitionQuery(search.get('inbox') ?? ''))
  if (rules) return <RecognitionForm key={`${rules.inbox}-${rules.version}`} rules={rules} />
  return error ? <Failed error={error} retry={refetch} /> : <Loading rows={4} label="Loading the rules" />
}
