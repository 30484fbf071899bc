// One text with its buttons: read, and edited in place.
import { Button, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { words } from '../api/client'
import { useChangeText } from '../api/texts'
import type { Wording } from '../api/types'
import { notify } from '../shared/notify'
import classes from './Texts.module.css'

const VARIABLE = /\{\w+\}/g

/** The variables of the stored text; leaving one out would leave a hole in a sentence. */
function missing(before: string, after: string): string[] {
  return [...new Set(before.match(VARIABLE))].filter((variable) => !after.includes(variable))
}

export function TextRow({ wording }: { wording: Wording }) {
  const [editing, setEditing] = useState(false)
  const { key, text, buttons, version, locale } = wording
  return (
    <li className={classes.row} data-testid="text-item" data-key={key}>
      <div className={classes.head}>
        <code className={classes.key}>{key}</code>
        <span className={classes.version}>version {version}</span>
        {!editing && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => setEditing(true)}
            aria-label={`Edit ${key}`}
            data-testid="text-edit"
          >
            Edit
          </Button>
        )}
      </div>
      {editing ? (
        <TextForm wording={wording} onDone={() => setEditing(false)} />
      ) : (
        <>
          <p className={classes.text} lang={locale}>
            {text}
          </p>
          {buttons.length > 0 && (
            <ul className={classes.buttons} lang={locale} aria-label="Buttons">
              {buttons.map(({ label, value }) => (
                <li key={value}>{label}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </li>
  )
}

function TextForm({ wording, onDone }: { wording: Wording; onDone: () => void }) {
  const [text, setText] = useState(wording.text)
  const [buttons, setButtons] = useState(wording.buttons)
  const { mutate, isPending } = useChangeText()
  const holes = missing(wording.text, text)
  const empty = !text.trim() || buttons.some((button) => !button.label.trim())

  const save = () =>
    mutate(
      { ...wording, text: text.trim(), buttons },
      {
        onSuccess: () => {
          onDone()
          notify.done('Saved', 'Customers read the new text from now on.')
        },
        onError: (error) => notify.error('The text was not saved', words(error)),
      },
    )

  return (
    <div className={classes.form} lang={wording.locale}>
      <Textarea
        aria-label={`Text of ${wording.key}`}
        autosize
        minRows={2}
        autoFocus
        value={text}
        error={holes.length > 0 && `The text must keep ${holes.join(', ')}.`}
        onChange={(event) => setText(event.currentTarget.value)}
        data-testid="text-body"
      />
      {buttons.map((button, place) => (
        <TextInput
          key={button.value}
          label={`Button: ${button.value}`}
          value={button.label}
          onChange={(event) => {
            const label = event.currentTarget.value
            setButtons(buttons.map((other, at) => (at === place ? { ...other, label } : other)))
          }}
        />
      ))}
      <div className={classes.actions}>
        <Button onClick={save} loading={isPending} disabled={empty || holes.length > 0} data-testid="text-save">
          Save
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
