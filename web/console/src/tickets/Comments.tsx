// The comments on a ticket, oldest first; internal ones look like the notes of a conversation.
import { IconEyeOff, IconLock } from '@tabler/icons-react'
import type { TicketComment } from '../api/types'
import { plain } from '../shared/codes'
import { fullTime } from '../shared/time'
import classes from './Ticket.module.css'

export function Comments({ comments }: { comments: TicketComment[] }) {
  if (comments.length === 0) return <p className={classes.none}>No comments yet.</p>
  return (
    <ol className={classes.comments} aria-label="Comments">
      {comments.map(({ id, author, text, public: isPublic, masked, created_at }) => (
        <li key={id} className={classes.comment} data-internal={!isPublic || undefined} data-testid="ticket-comment">
          <p className={classes.by}>
            {!isPublic && <IconLock size={13} stroke={2} aria-hidden />}
            <strong>{author.name ?? plain(author.type)}</strong>
            <span>{isPublic ? 'to the customer' : 'internal, customer never sees it'}</span>
            <time dateTime={created_at}>{fullTime(created_at)}</time>
          </p>
          <p className={classes.commentText}>{text}</p>
          {masked && (
            <p className={classes.by}>
              <IconEyeOff size={14} aria-hidden /> Something sensitive was removed and never stored
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}
