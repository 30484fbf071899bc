// The rules of one inbox: edited as a draft, which is tried out while it is written, and saved as a whole.
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { words } from '../api/client'
import { recognitionTrialQuery, useSaveRecognition } from '../api/recognition'
import { useMay } from '../api/session'
import type { Recognition, RecognitionDraft } from '../api/types'
import { notify } from '../shared/notify'
import classes from './Assistant.module.css'
import { about, faultsOf } from './faults'
import { ProductList } from './ProductList'
import { countryName } from './recognised'
import { RecognitionTrial } from './RecognitionTrial'

function draftOf(rules: Recognition): RecognitionDraft {
  const { order_pattern, order_example, ticket_pattern, region } = rules
  const products = rules.products.map(({ name, aliases = [] }) => ({ name, aliases }))
  return { order_pattern, order_example, ticket_pattern, region, products }
}

export function RecognitionForm({ rules }: { rules: Recognition }) {
  const readOnly = !useMay()('settings.write')
  const [draft, setDraft] = useState(() => draftOf(rules))
  const [text, setText] = useState('')
  const [settled] = useDebouncedValue({ draft, text }, 300)
  const changed = JSON.stringify(draft) !== JSON.stringify(draftOf(rules))
  const trial = useQuery(recognitionTrialQuery(rules.inbox, settled.text, settled.draft, changed || settled.text !== ''))
  const { mutate, isPending, error } = useSaveRecognition(rules)
  const faults = changed ? (trial.data?.faults ?? faultsOf(error)) : []
  const set = (change: Partial<RecognitionDraft>) => setDraft((before) => ({ ...before, ...change }))

  function save(event: SyntheticEvent) {
    event.preventDefault()
    mutate(draft, {
      onSuccess: () => notify.done('Saved', 'The next message is read by the new rules.'),
      onError: (problem) => notify.error('The rules were not saved', words(problem)),
    })
  }

  return (
    <div className={classes.columns}>
      <form className={classes.form} onSubmit={save} data-testid="recognition">
        <Numbers draft={draft} set={set} readOnly={readOnly} error={(field) => about(faults, field)} />
        <ProductList
          products={draft.products}
          onChange={(products) => set({ products })}
          readOnly={readOnly}
          faults={faults}
        />
        {!readOnly && (
          <div className={classes.saveBar}>
            <Button type="submit" loading={isPending} disabled={!changed || faults.length > 0} data-testid="recognition-save">
              Save
            </Button>
            {changed && (
              <>
                <Button variant="default" onClick={() => setDraft(draftOf(rules))}>
                  Discard changes
                </Button>
                <span className={classes.unsaved} role="status">
                  {faults.length > 0 ? 'Something above needs another look.' : 'Not saved yet.'}
                </span>
              </>
            )}
          </div>
        )}
      </form>
      <RecognitionTrial text={text} onText={setText} trial={trial.data} error={trial.error} isDraft={changed} />
    </div>
  )
}

interface NumbersProps {
  draft: RecognitionDraft
  set: (change: Partial<RecognitionDraft>) => void
  readOnly: boolean
  error: (field: string) => string | undefined
}

function Numbers({ draft, set, readOnly, error }: NumbersProps) {
  const field = (name: 'order_pattern' | 'order_example' | 'ticket_pattern' | 'region') => ({
    value: draft[name],
    readOnly,
    error: error(name),
    onChange: (event: { currentTarget: HTMLInputElement }) => set({ [name]: event.currentTarget.value }),
    'data-testid': `recognition-${name}`,
  })
  const code = { classNames: { input: classes.code }, autoComplete: 'off', spellCheck: false }
  return (
    <>
      <fieldset className={classes.card}>
        <legend className={classes.cardTitle}>Order numbers</legend>
        <p className={classes.hint}>
          <code>\d</code> is a digit, <code>[A-Z]</code> a letter, <code>{'{6}'}</code> means six of them:{' '}
          <code>{'HH-\\d{6}'}</code> describes HH-204817. Small letters and a missing hyphen are understood as well.
          Without a pattern, whatever looks like an order number counts as one.
        </p>
        <div className={classes.pair}>
          <TextInput label="Pattern" maxLength={200} {...code} {...field('order_pattern')} />
          <TextInput
            label="Example"
            description="Shown to customers who are asked for the number"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={80}
            {...code}
            {...field('order_example')}
          />
        </div>
      </fieldset>
      <div className={classes.pair}>
        <fieldset className={classes.card}>
          <legend className={classes.cardTitle}>Ticket numbers</legend>
          <p className={classes.hint}>
            T-1042, t 1042, #1042, ticket 1042 and 工单1042 are always recognised. If your tickets have another name
            as well, describe it: with <code>REF-(\d+)</code>, REF-1042 is ticket T-1042.
          </p>
          <TextInput label="Another pattern" maxLength={200} {...code} {...field('ticket_pattern')} />
        </fieldset>
        <fieldset className={classes.card}>
          <legend className={classes.cardTitle}>Telephone numbers</legend>
          <p className={classes.hint}>
            Numbers with a country, such as +31 6 12345678, are always recognised. Those without are read as your
            customers dial them at home.
          </p>
          <TextInput
            label="Home country"
            description={countryName(draft.region) || 'Two letters, such as NL or CN'}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={2}
            {...code}
            {...field('region')}
            onChange={(event) => set({ region: event.currentTarget.value.toUpperCase() })}
          />
        </fieldset>
      </div>
    </>
  )
}
