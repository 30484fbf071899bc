// The working place: the list on the left, the chosen conversation beside it.
import { IconLock, IconMessages } from '@tabler/icons-react'
import { useParams } from 'react-router'
import { useMay } from '../api/session'
import { ConversationView } from '../conversation/ConversationView'
import { PageTitle } from '../shared/PageTitle'
import { Blank } from '../shared/states'
import { ConversationList } from './ConversationList'
import classes from './Inbox.module.css'

export function InboxPage() {
  const { id } = useParams()
  const may = useMay()
  if (!may('conversations.read')) {
    return <Blank page icon={IconLock} title="No conversations here" text="Your role does not read conversations." />
  }
  return (
    <div className={classes.page} data-open={id ? true : undefined}>
      <PageTitle name="Inbox" />
      <ConversationList selected={id} />
      {id ? (
        <ConversationView key={id} id={id} />
      ) : (
        <div className={classes.nothing}>
          <Blank
            icon={IconMessages}
            title="Choose a conversation"
            text="You see first what the customer wants and what was tried, then every word of it."
          />
        </div>
      )}
    </div>
  )
}
