// Adding a comment: internal unless said otherwise, because a slip must not reach the customer.
import { Button, SegmentedControl, Textarea } from '@mantine/core'
import { useRef, useState } from 'react'
import { words } from '../api/client'
import { newComment, useComment, type NewComment } from '../api/tickets'
import { notify } from '../shared/notify'
import classes from './Ticket.module.css'

export function CommentForm({ number }: { number: string }) {
  const [isPublic, setPublic] = useState(false)
  const [text, setText] = useState('')
  const unsent = useRef<NewComment | null>(null)
  const { mutate, isPending } = useComment(number)

  function send() {
    const wanted = text.trim()
    if (!wanted) return
    // The same words sent again after a failure keep their id: one comment, however often it is tried.
    const before = unsent.current
    const same = before?.text === wanted && before.public === isPublic
    const comment = same ? before : newComment(wanted, isPublic)
    unsent.current = comment
    mutate(comment, {
      onSuccess: () => {
        unsent.current = null
        setText('')
      },
      onError: (error) => notify.error('The comment was not added', words(error)),
    })
  }

  return (
    <section className={classes.form} data-internal={!isPublic || undefined} aria-label="Add a comment">
      <Textarea
        variant="unstyled"
        autosize
        minRows={3}
        maxRows={12}
        maxLength={8000}
        value={text}
        placeholder={isPublic ? 'Write to the customer' : 'Write an internal comment'}
        aria-label={isPublic ? 'Comment to the customer' : 'Internal comment'}
        onChange={(event) => setText(event.currentTarget.value)}
        data-testid="ticket-comment-text"
      />
      <div className={classes.formBar}>
        <SegmentedControl
          size="xs"
          value={isPublic ? 'public' : 'internal'}
          onChange={(value) => setPublic(value === 'public')}
          aria-label="Who sees the comment"
          data={[
            { value: 'internal', label: 'Internal' },
            { value: 'public', label: <span data-testid="ticket-comment-public">To the customer</span> },
          ]}
        />
        <Button onClick={send} loading={isPending} disabled={!text.trim()} data-testid="ticket-comment-send">
          {isPublic ? 'Send' : 'Add comment'}
        </Button>
      </div>
    </section>
  )
}
