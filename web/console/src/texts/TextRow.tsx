// One text with its buttons: read, and edited in place.
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { words } from '../api/client'
import { useChangeText } from '../api/texts'
import type { Wording } from '../api/types'
import { notify } from '../shared/notify'
import classes from './Texts.module.css'

const VARIABLE = /\{\w+\}/g

function variables(text: string): Set<string> {
  return new Set(text.match(VARIABLE))
}

/** Variables that only one of the two uses: a hole in a sentence, or a name that nothing fills. */
function differing(before: string, after: string): string[] {
  const [known, used] = [variables(before), variables(after)]
  return [...known, ...used].filter((name) => !known.has(name) || !used.has(name))
}

export function TextRow({ wording, readOnly }: { wording: Wording; readOnly: boolean }) {
  const [editing, setEditing] = useState(false)
  const { key, text, buttons, version, locale, inbox } = wording
  return (
    <li className={classes.row} data-testid="text-item" data-key={key}>
      <div className={classes.head}>
        <code className={classes.key}>{key}</code>
        <span className={classes.version}>
          {inbox && `${inbox} · `}version {version}
        </span>
        {!editing && !readOnly && (
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
  const { mutate, isPending } = useChangeText(wording)
  const differ = differing(wording.text, text)

  const save = () =>
    mutate(text.trim(), {
      onSuccess: () => {
        onDone()
        notify.done('Saved', 'Customers read the new text from now on.')
      },
      onError: (error) => notify.error('The text was not saved', words(error)),
    })

  return (
    <div className={classes.form} lang={wording.locale}>
      <Textarea
        aria-label={`Text of ${wording.key}`}
        autosize
        minRows={2}
        autoFocus
        value={text}
        error={differ.length > 0 && `The text must use the same variables as before: ${differ.join(', ')}.`}
        onChange={(event) => setText(event.currentTarget.value)}
        data-testid="text-body"
      />
      <div className={classes.actions}>
        <Button
          onClick={save}
          loading={isPending}
          disabled={!text.trim() || text === wording.text || differ.length > 0}
          data-testid="text-save"
        >
          Save
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
