// Every word of a conversation in event order, kept at its end while somebody reads there.
import { Button } from '@mantine/core'
import { IconArrowDown } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { readMessages, timelineQuery } from '../api/conversations'
import { hasMore, words } from '../api/client'
import { keys } from '../api/keys'
import type { ConversationDetail } from '../api/types'
import { useLive, useWatch } from '../live/context'
import { withOlder, type Timeline } from '../live/timeline'
import { customerName } from '../shared/names'
import { notify } from '../shared/notify'
import { Blank, Failed, Loading } from '../shared/states'
import { useStore } from '../shared/store'
import { dayName, fullTime, useNow } from '../shared/time'
import { IconMessages } from '@tabler/icons-react'
import { MessageRow } from './MessageRow'
import { PendingRow } from './PendingRow'
import { rowsOf, type Row } from './rows'
import classes from './Transcript.module.css'
import { TypingLine } from './TypingLine'
import { useStickToEnd } from './useStickToEnd'

interface Props {
  conversation: ConversationDetail
  /** The message that was asked for from the context, by `seq`. */
  target: { seq: number; at: number } | null
}

export function Transcript({ conversation, target }: Props) {
  const { id } = conversation
  const { data: timeline, error, isPending, refetch } = useQuery(timelineQuery(id))
  useWatch(id, timeline !== undefined)
  if (isPending) {
    return (
      <div className={classes.scroll}>
        <Loading rows={6} label="Loading messages" />
      </div>
    )
  }
  if (!timeline) return <Failed error={error} retry={refetch} />
  return <Rows conversation={conversation} timeline={timeline} target={target} />
}

function Rows({ conversation, timeline, target }: Props & { timeline: Timeline }) {
  const { id } = conversation
  const rows = useMemo(() => rowsOf(timeline), [timeline])
  const outgoing = useStore(useLive().outbox.store).filter(
    (message) =>
      message.conversation_id === id &&
      !timeline.messages.some((known) => known.client_id === message.client_id),
  )
  const now = useNow(60_000)
  const last = outgoing.at(-1)?.client_id ?? timeline.messages.at(-1)?.id
  const { ref, away, toEnd, keepPlace } = useStickToEnd(last, outgoing.length > 0, target)

  return (
    <div className={classes.frame}>
      <div
        ref={ref}
        className={classes.scroll}
        role="log"
        aria-label="Messages"
        // A scrolled region must be reachable by keyboard, or its top cannot be read.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        data-testid="transcript"
      >
        {timeline.older && <OlderButton id={id} timeline={timeline} keepPlace={keepPlace} />}
        {rows.length === 0 && <Blank icon={IconMessages} title="Nothing was said yet" />}
        <ol className={classes.rows}>
          {rows.map((row) => (
            <RowView key={row.key} row={row} now={now} customer={customerName(conversation.customer)} />
          ))}
          {outgoing.map((message) => (
            <PendingRow key={message.client_id} message={message} />
          ))}
        </ol>
        <TypingLine id={id} />
      </div>
      {away && (
        <Button
          size="compact-sm"
          radius="xl"
          className={classes.toEnd}
          leftSection={<IconArrowDown size={15} />}
          onClick={toEnd}
        >
          Newest
        </Button>
      )}
    </div>
  )
}

function RowView({ row, now, customer }: { row: Row; now: number; customer: string }) {
  if (row.type === 'day') {
    return (
      <li className={classes.day}>
        <span>{dayName(row.at, now)}</span>
      </li>
    )
  }
  if (row.type === 'line') {
    return (
      <li className={classes.line} data-testid="event-line" data-event-seq={row.event_seq}>
        <span title={tooltip(row)}>{row.text}</span>
      </li>
    )
  }
  return <MessageRow message={row.message} first={row.first} customer={customer} />
}

function tooltip({ said, text, at }: Extract<Row, { type: 'line' }>): string {
  const when = at ? fullTime(at) : ''
  return said && said !== text ? `${when} “${said}”`.trim() : when
}

function OlderButton({ id, timeline, keepPlace }: { id: string; timeline: Timeline; keepPlace: () => void }) {
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const before = timeline.messages[0]?.event_seq

  async function load() {
    if (before === undefined) return
    setBusy(true)
    try {
      const page = await readMessages(id, { before })
      keepPlace()
      client.setQueryData<Timeline>(
        keys.timeline(id),
        (known) => known && withOlder(known, page.items, hasMore(page)),
      )
    } catch (error) {
      notify.error('Earlier messages could not be loaded', words(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className={classes.older}>
      <Button variant="default" size="compact-sm" loading={busy} onClick={() => void load()}>
        Earlier messages
      </Button>
    </div>
  )
}
