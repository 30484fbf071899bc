// The shortest form of the context, above the transcript where the screen is narrow.
import { IconChevronRight } from '@tabler/icons-react'
import type { ConversationDetail } from '../api/types'
import { plain } from '../shared/codes'
import classes from './Packet.module.css'
import { lines } from './packetLines'

export function PacketStrip({ conversation, onOpen }: { conversation: ConversationDetail; onOpen: () => void }) {
  const { packet } = conversation
  const reason = packet?.reasons[0]
  const quote = reason?.quote ?? lines(packet?.wants)[0]
  return (
    <button type="button" className={classes.strip} onClick={onOpen} data-testid="packet-strip">
      <span className={classes.stripText}>
        <strong>{reason ? plain(reason.code) : 'Context'}</strong>
        {quote ? <span className={classes.stripQuote}>“{quote}”</span> : <span>Customer, tickets, history</span>}
      </span>
      <IconChevronRight size={16} aria-hidden />
      <span className="visually-hidden">Show the whole context</span>
    </button>
  )
}
