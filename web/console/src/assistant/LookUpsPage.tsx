// The look-ups that are declared: what each asks for, and of whom it is answered.
import { Button } from '@mantine/core'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { lookUpsQuery } from '../api/lookUps'
import { useMay } from '../api/session'
import type { LookUp } from '../api/types'
import rows from '../shared/Rows.module.css'
import { Blank, Failed, Loading } from '../shared/states'
import { ago, useNow } from '../shared/time'
import { AssistantPage } from './AssistantPage'
import { identityWords, inputWords } from './lookUpWords'

export function LookUpsPage() {
  const may = useMay()
  return (
    <AssistantPage
      title="Look-ups"
      tools={
        may('settings.write') && (
          <Button component={Link} to="/assistant/look-ups/new" leftSection={<IconPlus size={16} />} data-testid="new-look-up">
            New look-up
          </Button>
        )
      }
    >
      <LookUpList />
    </AssistantPage>
  )
}

function LookUpList() {
  const { data: lookUps, error, refetch } = useQuery(lookUpsQuery)
  const now = useNow(60_000)
  if (!lookUps) return error ? <Failed error={error} retry={refetch} /> : <Loading rows={3} label="Loading the look-ups" />
  if (lookUps.length === 0) {
    return (
      <Blank
        icon={IconPlugConnected}
        title="No look-ups yet"
        text="With a look-up the assistant asks your own systems, for example where an order is, and answers with what they say."
      />
    )
  }
  return (
    <ul className={rows.card} data-testid="look-up-list">
      {lookUps.map((lookUp) => (
        <LookUpRow key={lookUp.id} lookUp={lookUp} now={now} />
      ))}
    </ul>
  )
}

function LookUpRow({ lookUp, now }: { lookUp: LookUp; now: number }) {
  const { id, name, inbox, enabled, url_template, inputs, identity, updated_at } = lookUp
  const facts = [inputs.map(inputWords).join(', '), identityWords(identity), inbox]
  return (
    <li>
      <Link to={`/assistant/look-ups/${id}`} className={rows.row} data-testid="look-up-item" data-id={id}>
        <span className={rows.main}>
          <span className={rows.subject}>{name}</span>
          <span className={rows.meta}>{facts.filter(Boolean).join(' · ')}</span>
          <span className={rows.meta}>{url_template}</span>
        </span>
        <span className={rows.side}>
          <span className={rows.pill} data-tone={enabled ? 'published' : undefined}>
            {enabled ? 'On' : 'Off'}
          </span>
          <span className={rows.when}>{ago(updated_at, now)}</span>
        </span>
      </Link>
    </li>
  )
}
