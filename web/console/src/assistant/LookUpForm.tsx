// All that is declared of a look-up: the request, who may ask, what leads to it, and the words of the answer.
import { Button, Checkbox, NumberInput, PasswordInput, Select, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { inboxesQuery } from '../api/recognition'
import type { Fault } from '../api/types'
import classes from './Assistant.module.css'
import { about, others } from './faults'
import { inputsOf, strangersIn, type LookUpDraft } from './lookUpDraft'
import { LookUpAnswer } from './LookUpAnswer'
import { LookUpFields } from './LookUpFields'
import { IDENTITY_CHOICES, inputWords, INTENT_CHOICES, isShown, NO_INTENT } from './lookUpWords'

interface Props {
  initial: LookUpDraft
  hasSecret?: boolean
  faults: Fault[]
  busy: boolean
  readOnly?: boolean
  onSave: (draft: LookUpDraft) => void
}

export interface PartProps {
  draft: LookUpDraft
  set: (change: Partial<LookUpDraft>) => void
  error: (field: string) => string | undefined
  readOnly: boolean
}

export function LookUpForm({ initial, hasSecret = false, faults, busy, readOnly = false, onSave }: Props) {
  const [draft, setDraft] = useState(initial)
  const changed = JSON.stringify(draft) !== JSON.stringify(initial)
  const part: PartProps = {
    draft,
    readOnly,
    set: (change) => setDraft((before) => ({ ...before, ...change })),
    error: (field) => about(faults, field),
  }

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    onSave(draft)
  }

  const homeless = others(faults, isShown)
  return (
    <form className={classes.form} onSubmit={submit} data-testid="look-up-form">
      <Request {...part} hasSecret={hasSecret} />
      <Leading {...part} />
      <LookUpFields {...part} />
      <LookUpAnswer {...part} />
      {homeless.length > 0 && (
        <ul className={classes.faults} role="alert">
          {homeless.map(({ field, message }) => (
            <li key={`${field}${message}`}>{message}</li>
          ))}
        </ul>
      )}
      {!readOnly && (
        <div className={classes.saveBar}>
          <Button type="submit" loading={busy} disabled={!changed} data-testid="look-up-save">
            Save
          </Button>
          {changed && (
            <Button variant="default" onClick={() => setDraft(initial)}>
              Discard changes
            </Button>
          )}
        </div>
      )}
    </form>
  )
}

function Request({ draft, set, error, readOnly, hasSecret }: PartProps & { hasSecret: boolean }) {
  const { data: inboxes = [] } = useQuery(inboxesQuery)
  const code = { classNames: { input: classes.code }, autoComplete: 'off', spellCheck: false, readOnly }
  const strangers = strangersIn(draft.url_template)
  return (
    <fieldset className={classes.card}>
      <legend className={classes.cardTitle}>The request</legend>
      <Switch
        label="Customers are answered with it"
        checked={draft.enabled}
        disabled={readOnly}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
        data-testid="look-up-enabled"
      />
      <div className={classes.pair}>
        <TextInput
          label="Name"
          description="Small letters, for your colleagues"
          maxLength={60}
          value={draft.name}
          error={error('name')}
          onChange={(event) => set({ name: event.currentTarget.value })}
          data-testid="look-up-name"
          {...code}
        />
        <Select
          label="Inbox"
          description="Where it is asked"
          data={[{ value: '', label: 'Every inbox' }, ...inboxes.map(({ key, name }) => ({ value: key, label: name }))]}
          value={draft.inbox ?? ''}
          disabled={readOnly}
          error={error('inbox')}
          onChange={(inbox) => set({ inbox: inbox || null })}
        />
      </div>
      <TextInput
        label="Address"
        description="With a place for each thing it is asked with: {order_number} {email} {phone} {product} {customer}"
        maxLength={1000}
        value={draft.url_template}
        error={error('url_template') ?? (strangers.length > 0 && `{${strangers.join('}, {')}} is nothing that customers are asked for.`)}
        onChange={(event) => set({ url_template: event.currentTarget.value })}
        data-testid="look-up-url"
        {...code}
      />
      <p className={classes.hint}>
        Asked with: {inputsOf(draft.url_template).map(inputWords).join(', ') || 'nothing yet'}. {error('inputs')}
      </p>
      <Secret draft={draft} set={set} error={error} readOnly={readOnly} hasSecret={hasSecret} />
      <div className={classes.pair}>
        <Select
          label="Who is answered"
          data={IDENTITY_CHOICES}
          value={draft.identity}
          disabled={readOnly}
          error={error('identity')}
          onChange={(value) => value && set({ identity: value })}
        />
        <NumberInput
          label="Seconds until it is given up"
          min={0.1}
          max={5}
          step={0.5}
          value={draft.timeout_s}
          readOnly={readOnly}
          error={error('timeout_s')}
          onChange={(value) => set({ timeout_s: Number(value) || 3 })}
        />
      </div>
    </fieldset>
  )
}

function Secret({ draft, set, error, readOnly, hasSecret }: PartProps & { hasSecret: boolean }) {
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label="Secret is sent in the header"
          maxLength={80}
          value={draft.secret_header}
          readOnly={readOnly}
          error={error('secret_header')}
          onChange={(event) => set({ secret_header: event.currentTarget.value })}
          classNames={{ input: classes.code }}
        />
        <PasswordInput
          label="Secret"
          placeholder={hasSecret && !draft.forgetSecret ? 'A secret is kept' : 'None'}
          autoComplete="new-password"
          size="sm"
          maxLength={2000}
          value={draft.secret}
          readOnly={readOnly}
          error={error('secret')}
          onChange={(event) => set({ secret: event.currentTarget.value })}
          visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
          data-testid="look-up-secret"
        />
      </div>
      {hasSecret && !readOnly && (
        <Checkbox
          label="Forget the secret that is kept"
          checked={draft.forgetSecret}
          disabled={draft.secret !== ''}
          onChange={(event) => set({ forgetSecret: event.currentTarget.checked })}
        />
      )}
    </>
  )
}

function Leading({ draft, set, error, readOnly }: PartProps) {
  const phrases = (language: 'en' | 'zh', label: string) => (
    <TagsInput
      label={label}
      description="Enter ends each"
      lang={language}
      maxTags={50}
      value={draft.phrases[language]}
      readOnly={readOnly}
      splitChars={[]}
      acceptValueOnBlur
      onChange={(lines) => set({ phrases: { ...draft.phrases, [language]: lines } })}
      data-testid={`look-up-phrases-${language}`}
    />
  )
  return (
    <fieldset className={classes.card}>
      <legend className={classes.cardTitle}>What leads to it</legend>
      <p className={classes.hint}>A message that contains one of the phrases asks for this look-up.</p>
      <Select
        label="Beside the phrases"
        data={INTENT_CHOICES}
        value={draft.intent ?? NO_INTENT}
        disabled={readOnly}
        error={error('intent')}
        onChange={(value) => set({ intent: value || null })}
      />
      <div className={classes.pair}>
        {phrases('en', 'English phrases')}
        {phrases('zh', 'Chinese phrases')}
      </div>
      {error('phrases') && <p className={classes.faulty}>{error('phrases')}</p>}
    </fieldset>
  )
}
