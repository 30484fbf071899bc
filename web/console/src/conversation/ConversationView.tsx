// One conversation: what is known about it first, then every word, then the place to answer.
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconMessageOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { conversationQuery } from '../api/conversations'
import { Problem } from '../api/client'
import { useMe } from '../api/session'
import { SideSheet } from '../shared/Dialog'
import { Blank, Failed, Loading } from '../shared/states'
import { Composer } from './Composer'
import { ConversationHeader } from './ConversationHeader'
import classes from './Conversation.module.css'
import { PacketPanel } from './PacketPanel'
import { PacketStrip } from './PacketStrip'
import { rightsFor } from './rights'
import { Transcript } from './Transcript'

export function ConversationView({ id }: { id: string }) {
  const { data: conversation, error, refetch } = useQuery(conversationQuery(id))
  const me = useMe()
  const wide = useMediaQuery('(min-width: 1200px)', undefined, { getInitialValueInEffect: false })
  const [drawer, { open: openDrawer, close: closeDrawer }] = useDisclosure(false)
  const [target, setTarget] = useState<{ seq: number; at: number } | null>(null)
  const showMessage = useCallback(
    (seq: number) => {
      closeDrawer()
      setTarget({ seq, at: Date.now() })
    },
    [closeDrawer],
  )

  if (!conversation) {
    return (
      <section className={classes.view} aria-label="Conversation">
        {error ? <Missing error={error} retry={refetch} /> : <Loading rows={6} label="Loading the conversation" />}
      </section>
    )
  }
  const rights = rightsFor(conversation, me)
  const panel = <PacketPanel conversation={conversation} onShowMessage={showMessage} />
  return (
    <section className={classes.view} aria-label="Conversation" data-testid="conversation" data-id={id}>
      <ConversationHeader conversation={conversation} rights={rights} onContext={wide ? undefined : openDrawer} />
      {/* Before the transcript in reading order; on a wide screen the grid shows it to the right. */}
      {wide ? (
        // A scrolled region must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <aside className={classes.aside} aria-label="Context" tabIndex={0}>
          {panel}
        </aside>
      ) : (
        <PacketStrip conversation={conversation} onOpen={openDrawer} />
      )}
      <Transcript conversation={conversation} target={target} />
      <Composer conversation={conversation} rights={rights} />
      {!wide && (
        <SideSheet title="Context" opened={drawer} onClose={closeDrawer}>
          {panel}
        </SideSheet>
      )}
    </section>
  )
}

function Missing({ error, retry }: { error: unknown; retry: () => void }) {
  if (error instanceof Problem && error.status === 404) {
    return (
      <Blank
        icon={IconMessageOff}
        title="This conversation is not here"
        text="It does not exist, or you may not see it."
      />
    )
  }
  return <Failed error={error} retry={retry} />
}
