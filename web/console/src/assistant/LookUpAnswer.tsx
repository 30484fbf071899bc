// What customers read: the answer, and what they hear where there is none.
import { Textarea } from '@mantine/core'
import classes from './Assistant.module.css'
import { inputsOf } from './lookUpDraft'
import type { PartProps } from './LookUpForm'

const LANGUAGES = [
  ['en', 'English'],
  ['zh', 'Chinese'],
] as const

export function LookUpAnswer({ draft, set, error, readOnly }: PartProps) {
  const inputs = inputsOf(draft.url_template)
  const fields = draft.fields.map(({ name }) => name).filter(Boolean)
  const text = (part: 'answer' | 'not_found', language: 'en' | 'zh', label: string) => (
    <Textarea
      key={language}
      label={label}
      lang={language}
      autosize
      minRows={3}
      maxLength={1000}
      readOnly={readOnly}
      value={draft[part][language]}
      error={error(`${part}.${language}`)}
      onChange={(event) => set({ [part]: { ...draft[part], [language]: event.currentTarget.value } })}
      data-testid={`look-up-${part}-${language}`}
    />
  )
  return (
    <>
      <fieldset className={classes.card}>
        <legend className={classes.cardTitle}>The answer</legend>
        <p className={classes.hint}>
          A sentence whose value is missing is left out. Places: <Places names={[...inputs, ...fields]} />
        </p>
        <div className={classes.pair}>{LANGUAGES.map(([code, label]) => text('answer', code, label))}</div>
      </fieldset>
      <fieldset className={classes.card}>
        <legend className={classes.cardTitle}>Where nothing is found</legend>
        <p className={classes.hint}>
          Places: <Places names={inputs} />
        </p>
        <div className={classes.pair}>{LANGUAGES.map(([code, label]) => text('not_found', code, label))}</div>
      </fieldset>
    </>
  )
}

function Places({ names }: { names: string[] }) {
  if (names.length === 0) return 'none yet.'
  return names.map((name) => (
    <span key={name}>
      <code>{`{${name}}`}</code>{' '}
    </span>
  ))
}
