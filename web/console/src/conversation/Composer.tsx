// Where an agent writes: a reply for the customer, or a note that the customer never sees.
import { Button, SegmentedControl, Textarea } from '@mantine/core'
import { IconLock, IconSend2 } from '@tabler/icons-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import { useMe } from '../api/session'
import type { ConversationDetail } from '../api/types'
import { useLive } from '../live/context'
import classes from './Composer.module.css'
import { useDraft, type Mode } from './drafts'
import type { Rights } from './rights'

const MAX_TEXT = 8_000
const WARN_AT = 7_000
const TYPING_EVERY_MS = 3_000

export function Composer({ conversation, rights }: { conversation: ConversationDetail; rights: Rights }) {
  const { id } = conversation
  const me = useMe()
  const { outbox, typing } = useLive()
  const [mode, setMode] = useState<Mode>('reply')
  const [text, setText] = useDraft(me.id, id, mode)
  const field = useRef<HTMLTextAreaElement>(null)
  const typedAt = useRef(0)

  const note = mode === 'note'
  const blocked = note ? null : rights.noReply
  const tooLong = text.trim().length > MAX_TEXT
  const ready = blocked === null && text.trim() !== '' && !tooLong

  function send() {
    if (!ready) return
    outbox.post(id, text.trim(), note)
    setText('')
    field.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent) {
    // Enter also ends a word in Chinese input; that must not send half a sentence.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }

  function onChange(next: string) {
    setText(next)
    const now = Date.now()
    if (note || now - typedAt.current < TYPING_EVERY_MS) return
    typedAt.current = now
    typing(id)
  }

  if (!rights.note && rights.noReply) return <p className={classes.readOnly}>{rights.noReply}</p>
  return (
    <div className={classes.composer} data-mode={mode}>
      <div className={classes.box}>
        <Textarea
          ref={field}
          variant="unstyled"
          autosize
          minRows={2}
          maxRows={10}
          value={text}
          disabled={blocked !== null}
          placeholder={note ? 'Write a note for your colleagues' : (blocked ?? 'Write a reply')}
          aria-label={note ? 'Internal note' : 'Reply to the customer'}
          aria-describedby="composer-hint"
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          classNames={{ input: classes.input }}
          data-testid="composer"
        />
        <div className={classes.bar}>
          <SegmentedControl
            size="xs"
            value={mode}
            onChange={(value) => setMode(value)}
            aria-label="What you write"
            data={[
              { value: 'reply', label: <span data-testid="reply-mode">Reply</span> },
              {
                value: 'note',
                label: (
                  <span className={classes.noteMode} data-testid="note-mode">
                    <IconLock size={13} aria-hidden /> Note
                  </span>
                ),
              },
            ]}
          />
          <p
            id="composer-hint"
            // Said once is enough: without a text the field itself says why nothing can be written.
            className={blocked && !text ? 'visually-hidden' : classes.hint}
            data-alert={tooLong || undefined}
          >
            <Hint text={text} note={note} blocked={blocked} />
          </p>
          <Button
            className={classes.send}
            rightSection={<IconSend2 size={16} stroke={1.8} />}
            disabled={!ready}
            onClick={send}
            data-testid="send"
          >
            {note ? 'Add note' : 'Send'}
          </Button>
        </div>
      </div>
    </div>
  )
}

function Hint({ text, note, blocked }: { text: string; note: boolean; blocked: string | null }) {
  const { length } = text.trim()
  if (blocked) return <span data-testid="composer-reason">{blocked}</span>
  if (length > WARN_AT) return <>{`${length} of ${MAX_TEXT} characters`}</>
  if (note) return <>The customer never sees a note</>
  return <span className={classes.keys}>Enter sends, Shift + Enter makes a new line</span>
}
