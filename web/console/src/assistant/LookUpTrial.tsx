// Asks the service now, as the look-up is saved, and shows what came back and what customers would read.
import { Button, TextInput } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import { words } from '../api/client'
import { useTryLookUp } from '../api/lookUps'
import type { InputName, LookUp, LookUpTrial as Trial } from '../api/types'
import classes from './Assistant.module.css'
import { inputWords } from './lookUpWords'

const STATES: Record<Trial['state'], string> = { found: 'Found', not_found: 'Not found', failed: 'Failed' }

export function LookUpTrial({ lookUp }: { lookUp: LookUp }) {
  const [inputs, setInputs] = useState<Partial<Record<InputName, string>>>({})
  const { mutate, data, error, isPending } = useTryLookUp(lookUp.id)

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    mutate(inputs)
  }

  return (
    <section className={classes.side} aria-labelledby="trial-title">
      <form className={classes.card} onSubmit={submit}>
        <h2 className={classes.cardTitle} id="trial-title">
          Try it out
        </h2>
        <p className={classes.hint}>
          Asks the service now, as the look-up is saved. You may use any address here; customers must prove theirs.
        </p>
        {lookUp.inputs.map((name) => (
          <TextInput
            key={name}
            label={inputWords(name)}
            maxLength={254}
            value={inputs[name] ?? ''}
            onChange={(event) => setInputs({ ...inputs, [name]: event.currentTarget.value })}
            data-testid={`try-${name}`}
          />
        ))}
        <div className={classes.buttons}>
          <Button type="submit" loading={isPending} disabled={lookUp.inputs.some((name) => !inputs[name]?.trim())} data-testid="try-submit">
            Ask
          </Button>
        </div>
        <div role="status" data-testid="try-result">
          {error ? <p className={classes.faulty}>{words(error)}</p> : data && <Outcome trial={data} />}
        </div>
      </form>
    </section>
  )
}

function Outcome({ trial }: { trial: Trial }) {
  const { state, cause, took_ms, fields, missing, text } = trial
  const names = Object.keys(fields.en)
  return (
    <div className={classes.form}>
      <span className={classes.state} data-state={state} data-testid="try-state">
        {STATES[state]} in {took_ms} ms
      </span>
      {cause && <p className={classes.hint}>{cause}</p>}
      {text.en && (
        <p className={classes.message} lang="en">
          {text.en}
        </p>
      )}
      {text.zh && (
        <p className={classes.message} lang="zh">
          {text.zh}
        </p>
      )}
      {names.length > 0 && (
        <dl className={classes.facts}>
          {names.map((name) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{fields.en[name]}</dd>
            </div>
          ))}
        </dl>
      )}
      {missing.length > 0 && <p className={classes.hint}>Not in the answer: {missing.join(', ')}.</p>}
    </div>
  )
}
