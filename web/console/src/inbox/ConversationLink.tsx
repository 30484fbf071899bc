// One line of the list: who, what was said last, how long they wait, and what needs attention.
import { IconRobot } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { ConversationItem } from '../api/types'
import { isWaiting, needsReply, priorityName, waitingSince, type Tab } from '../live/collection'
import { languageName, OWNERS, plain } from '../shared/codes'
import { Face } from '../shared/Face'
import { customerName } from '../shared/names'
import { ago, duration } from '../shared/time'
import classes from './Inbox.module.css'

interface Props {
  item: ConversationItem
  tab: Tab
  now: number
  me: string
  selected: boolean
}

const LONG_MS = 5 * 60_000
const VERY_LONG_MS = 10 * 60_000

export function ConversationLink({ item, tab, now, me, selected }: Props) {
  const name = customerName(item.customer)
  const attention = item.agent?.id === me && needsReply(item)
  return (
    <li>
      <Link
        to={`/inbox/${item.id}?tab=${tab}`}
        className={classes.item}
        aria-current={selected ? 'true' : undefined}
        data-testid="conversation-item"
        data-id={item.id}
        data-attention={attention || undefined}
      >
        <Face name={name} />
        <span className={classes.itemBody}>
          <span className={classes.itemTop}>
            <span className={classes.itemName}>{name}</span>
            {isWaiting(item) ? <Wait since={waitingSince(item)} now={now} /> : <When item={item} now={now} />}
          </span>
          <span className={classes.snippet}>
            {speaker(item, me)}
            {item.last_message?.text ?? 'No messages yet'}
          </span>
          <Tags item={item} tab={tab} me={me} />
        </span>
        {attention && (
          <span className={classes.unanswered}>
            <span className="visually-hidden">Needs your reply</span>
          </span>
        )}
      </Link>
    </li>
  )
}

function Wait({ since, now }: { since: string; now: number }) {
  const waited = now - Date.parse(since)
  const level = waited > VERY_LONG_MS ? 'very-long' : waited > LONG_MS ? 'long' : 'short'
  return (
    <span className={classes.wait} data-level={level} data-testid="wait">
      <span className="visually-hidden">waiting for </span>
      {duration(waited)}
    </span>
  )
}

function When({ item, now }: { item: ConversationItem; now: number }) {
  return <span className={classes.when}>{ago(item.last_message?.at ?? item.updated_at, now)}</span>
}

function speaker(item: ConversationItem, me: string): string {
  switch (item.last_message?.author_type) {
    case 'bot':
      return 'Assistant: '
    case 'agent':
      return item.agent?.id === me ? 'You: ' : `${item.agent?.name ?? 'Agent'}: `
    default:
      return ''
  }
}

function Tags({ item, tab, me }: { item: ConversationItem; tab: Tab; me: string }) {
  const priority = priorityName(item.queue?.priority)
  const showPriority = isWaiting(item) && (priority === 'urgent' || priority === 'high')
  const language = item.language && !item.language.startsWith('en') ? languageName(item.language) : null
  const inbox = item.inbox.key === 'default' ? null : item.inbox.name
  const parked = item.owner === 'bot' && item.queue?.state === 'parked'
  const tags = [
    showPriority && { text: plain(priority), tone: priority },
    item.status !== 'open' && { text: plain(item.status), tone: item.status },
    tab === 'all' && item.status !== 'resolved' && { text: ownerOf(item, me), tone: item.owner },
    parked && { text: 'Keeps a place in the queue', tone: 'parked' },
    language && { text: language, tone: 'plain' },
    inbox && { text: inbox, tone: 'plain' },
  ].filter((tag) => !!tag)
  if (tags.length === 0) return null
  return (
    <span className={classes.tags}>
      {tags.map(({ text, tone }) => (
        <span key={text} className={classes.tag} data-tone={tone}>
          {tone === 'bot' && <IconRobot size={12} aria-hidden />}
          {text}
        </span>
      ))}
    </span>
  )
}

function ownerOf(item: ConversationItem, me: string): string {
  if (item.owner === 'agent') return item.agent?.id === me ? 'You' : (item.agent?.name ?? 'Agent')
  return OWNERS[item.owner] ?? item.owner
}
