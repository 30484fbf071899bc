// A message of ours that the server has not taken yet, and what the author can do about it.
import { IconAlertCircle, IconClock } from '@tabler/icons-react'
import { useMe } from '../api/session'
import { useLive } from '../live/context'
import { giveBack } from './drafts'
import type { Outgoing } from './outbox'
import classes from './Transcript.module.css'

export function PendingRow({ message }: { message: Outgoing }) {
  const { outbox } = useLive()
  const { id: user } = useMe()
  const { client_id, conversation_id, text, note, state, reason } = message

  const edit = () => {
    giveBack(user, conversation_id, note ? 'note' : 'reply', text)
    outbox.drop(client_id)
  }
  return (
    <li
      className={classes.message}
      data-testid="pending-message"
      data-author="agent"
      data-state={state}
      data-note={note || undefined}
    >
      <div className={classes.bubble}>
        <p className={classes.text}>{text}</p>
      </div>
      {state === 'failed' ? (
        <p className={classes.failed} role="alert">
          <IconAlertCircle size={14} aria-hidden /> Not sent: {reason}{' '}
          <button type="button" onClick={() => outbox.retry(client_id)}>
            Try again
          </button>
          <button type="button" onClick={edit}>
            Edit
          </button>
        </p>
      ) : (
        <p className={classes.flag}>
          <IconClock size={14} aria-hidden /> {state === 'waiting' ? 'Will be sent when the connection is back' : 'Sending'}
        </p>
      )}
    </li>
  )
}
