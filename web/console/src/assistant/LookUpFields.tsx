// The values that are read out of the service's answer: where each stands, and how it is shown.
import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import classes from './Assistant.module.css'
import { EMPTY_FIELD, type CodeWords, type FieldDraft } from './lookUpDraft'
import type { PartProps } from './LookUpForm'
import { TYPE_CHOICES } from './lookUpWords'

export function LookUpFields({ draft, set, error, readOnly }: PartProps) {
  const put = (place: number, change: Partial<FieldDraft>) =>
    set({ fields: draft.fields.map((field, at) => (at === place ? { ...field, ...change } : field)) })
  return (
    <section className={classes.card} aria-labelledby="fields-title">
      <div className={classes.buttons}>
        <h2 className={classes.cardTitle} id="fields-title">
          What is read from the answer
        </h2>
        {!readOnly && (
          <Button
            className={classes.last}
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={15} />}
            onClick={() => set({ fields: [...draft.fields, EMPTY_FIELD] })}
            data-testid="field-add"
          >
            Add a field
          </Button>
        )}
      </div>
      <p className={classes.hint}>
        The path leads through the JSON that comes back: <code>items.0.status</code> is the status of the first item.
      </p>
      {draft.fields.map((field, place) => (
        <Field
          key={place}
          field={field}
          readOnly={readOnly}
          error={(name) => error(`fields.${place}.${name}`)}
          onChange={(change) => put(place, change)}
          onRemove={() => set({ fields: draft.fields.filter((_, at) => at !== place) })}
        />
      ))}
    </section>
  )
}

interface FieldProps {
  field: FieldDraft
  readOnly: boolean
  error: (name: string) => string | undefined
  onChange: (change: Partial<FieldDraft>) => void
  onRemove: () => void
}

function Field({ field, readOnly, error, onChange, onRemove }: FieldProps) {
  const { name, path, type, words, currency } = field
  const code = { classNames: { input: classes.code }, autoComplete: 'off', spellCheck: false, readOnly }
  return (
    <div className={classes.field} role="group" aria-label={name ? `Field ${name}` : 'A new field'} data-testid="look-up-field">
      <div className={classes.fieldRow}>
        <TextInput
          label="Name"
          maxLength={40}
          value={name}
          error={error('name')}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          data-testid="field-name"
          {...code}
        />
        <TextInput
          label="Path"
          maxLength={200}
          value={path}
          error={error('path')}
          onChange={(event) => onChange({ path: event.currentTarget.value })}
          data-testid="field-path"
          {...code}
        />
        <Select
          label="Shown as"
          data={TYPE_CHOICES}
          value={type}
          disabled={readOnly}
          onChange={(value) => value && onChange({ type: value as FieldDraft['type'] })}
        />
        <Removal label={`Remove the field ${name}`} readOnly={readOnly} onRemove={onRemove} />
      </div>
      {type === 'amount' && (
        <TextInput
          label="Currency, where the answer does not say it"
          placeholder="EUR"
          maxLength={3}
          w={280}
          value={currency}
          error={error('currency')}
          onChange={(event) => onChange({ currency: event.currentTarget.value.toUpperCase() })}
          {...code}
        />
      )}
      {type === 'code' && <Codes words={words} readOnly={readOnly} onChange={(next) => onChange({ words: next })} />}
      {error('words') && <p className={classes.faulty}>{error('words')}</p>}
    </div>
  )
}

interface CodesProps {
  words: CodeWords[]
  readOnly: boolean
  onChange: (words: CodeWords[]) => void
}

function Codes({ words, readOnly, onChange }: CodesProps) {
  const put = (place: number, change: Partial<CodeWords>) =>
    onChange(words.map((one, at) => (at === place ? { ...one, ...change } : one)))
  const input = (place: number, part: keyof CodeWords, label: string) => (
    <TextInput
      aria-label={`${label} ${place + 1}`}
      placeholder={label}
      maxLength={200}
      readOnly={readOnly}
      lang={part === 'code' ? undefined : part}
      classNames={part === 'code' ? { input: classes.code } : undefined}
      value={words[place]?.[part] ?? ''}
      onChange={(event) => put(place, { [part]: event.currentTarget.value })}
    />
  )
  return (
    <>
      {words.map((one, place) => (
        <div key={place} className={classes.words}>
          {input(place, 'code', 'Code')}
          {input(place, 'en', 'In English')}
          {input(place, 'zh', 'In Chinese')}
          <Removal
            label={`Remove the code ${one.code}`}
            readOnly={readOnly}
            onRemove={() => onChange(words.filter((_, at) => at !== place))}
          />
        </div>
      ))}
      {!readOnly && (
        <div className={classes.buttons}>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange([...words, { code: '', en: '', zh: '' }])}>
            Add a code
          </Button>
          <span className={classes.hint}>
            The code <code>*</code> is for all that are not named.
          </span>
        </div>
      )}
    </>
  )
}

function Removal({ label, readOnly, onRemove }: { label: string; readOnly: boolean; onRemove: () => void }) {
  if (readOnly) return <span />
  return (
    <ActionIcon variant="subtle" color="gray" size={34} onClick={onRemove} aria-label={label}>
      <IconX size={16} />
    </ActionIcon>
  )
}
