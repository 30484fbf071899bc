// The left column: tabs with live counts, and the conversations of the chosen one in working order.
import { Button, Tabs } from '@mantine/core'
import { IconChecks, IconInbox, IconRobot, IconUserCheck, type Icon } from '@tabler/icons-react'
import { useNavigate, useSearchParams } from 'react-router'
import { useAllConversations } from '../api/conversations'
import { countFor, emptyCollection, listFor, TABS, type Tab } from '../live/collection'
import { Blank, Failed, Loading } from '../shared/states'
import { useNow } from '../shared/time'
import { ConversationLink } from './ConversationLink'
import classes from './Inbox.module.css'
import { tabOf, useCollection, useMyId } from './lists'
import { moveFocus } from './moveFocus'

const LABELS: Record<Tab, string> = { waiting: 'Waiting', mine: 'Mine', bot: 'Assistant', all: 'All' }

const EMPTY: Record<Tab, { icon: Icon; title: string; text: string }> = {
  waiting: { icon: IconChecks, title: 'Nobody is waiting', text: 'New arrivals appear here at once.' },
  mine: { icon: IconUserCheck, title: 'You hold no conversations', text: 'Take one from Waiting.' },
  bot: { icon: IconRobot, title: 'The assistant is idle', text: 'Its running conversations appear here.' },
  all: { icon: IconInbox, title: 'No conversations yet', text: 'The first customer will start one.' },
}

export function ConversationList({ selected }: { selected: string | undefined }) {
  const [search] = useSearchParams()
  const navigate = useNavigate()
  const tab = tabOf(search.get('tab'))
  const me = useMyId()
  const { data: collection = emptyCollection } = useCollection()

  const choose = (next: string | null) =>
    void navigate({ search: `?tab=${tabOf(next)}` }, { replace: true, preventScrollReset: true })

  return (
    <section className={classes.list} aria-label="Conversations">
      {!selected && <h1 className="visually-hidden">Inbox</h1>}
      <Tabs value={tab} onChange={choose} keepMounted={false} classNames={{ root: classes.tabsRoot, panel: classes.panel }}>
        <Tabs.List className={classes.tabs} aria-label="Lists of conversations">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name} className={classes.tab} data-testid={`tab-${name}`}>
              {LABELS[name]}
              {name !== 'all' && (
                <span className={classes.count} data-hot={name === 'waiting' ? true : undefined} data-testid={`count-${name}`}>
                  {countFor(collection, name, me)}
                </span>
              )}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((name) => (
          <Tabs.Panel key={name} value={name}>
            <TabItems tab={name} selected={selected} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </section>
  )
}

function TabItems({ tab, selected }: { tab: Tab; selected: string | undefined }) {
  const me = useMyId()
  const now = useNow(tab === 'waiting' ? 1_000 : 30_000)
  const { data: collection, error, isPending, refetch } = useCollection()
  const all = useAllConversations(tab === 'all')

  if (isPending || (tab === 'all' && all.isPending)) return <Loading label="Loading conversations" />
  if (!collection) return <Failed error={error} retry={refetch} />
  const items = listFor(collection, tab, me)
  if (items.length === 0) return <Blank {...EMPTY[tab]} />
  return (
    <>
      {/* The links inside are what is operated; arrow keys only move between them. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul className={classes.items} onKeyDown={moveFocus} data-testid="conversation-list">
        {items.map((item) => (
          <ConversationLink key={item.id} item={item} tab={tab} now={now} me={me} selected={item.id === selected} />
        ))}
      </ul>
      {tab === 'all' && all.hasNextPage && (
        <Button
          variant="subtle"
          m="sm"
          loading={all.isFetchingNextPage}
          onClick={() => void all.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  )
}
