// Who this is, who owns it, and the verbs: take, resolve, return to the assistant, transfer.
import { ActionIcon, Button, Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconArrowLeft,
  IconArrowsExchange,
  IconCheck,
  IconDots,
  IconInfoCircle,
  IconRobot,
} from '@tabler/icons-react'
import { Link, useSearchParams } from 'react-router'
import { useMe } from '../api/session'
import type { ConversationDetail } from '../api/types'
import { languageName, plain } from '../shared/codes'
import { Face } from '../shared/Face'
import { customerName } from '../shared/names'
import classes from './Conversation.module.css'
import { ResolveDialog } from './ResolveDialog'
import type { Rights } from './rights'
import { TransferDialog } from './TransferDialog'
import { useClaim } from './useClaim'

interface Props {
  conversation: ConversationDetail
  rights: Rights
  /** Opens the context where there is no room for it beside the transcript. */
  onContext: (() => void) | undefined
}

export function ConversationHeader({ conversation, rights, onContext }: Props) {
  const [search] = useSearchParams()
  const [resolving, resolve] = useDisclosure(false)
  const [moving, move] = useDisclosure(false)
  const [returning, giveBack] = useDisclosure(false)
  const claim = useClaim(conversation)
  const name = customerName(conversation.customer)
  return (
    <header className={classes.header}>
      <ActionIcon
        component={Link}
        to={`/inbox?${search}`}
        variant="subtle"
        color="gray"
        size="lg"
        className={classes.back}
        aria-label="Back to the list"
      >
        <IconArrowLeft size={20} />
      </ActionIcon>
      <span className={classes.face}>
        <Face name={name} size={34} />
      </span>
      <div className={classes.who}>
        <h1 className={classes.name}>{name}</h1>
        <OwnerLine conversation={conversation} />
      </div>
      <div className={classes.actions}>
        {rights.take && (
          <Button onClick={claim.take} loading={claim.isPending} data-testid="claim">
            {rights.takeLabel}
          </Button>
        )}
        {rights.resolve && (
          <Button
            variant="default"
            leftSection={<IconCheck size={16} stroke={2} />}
            // With a conversation that is not mine the first verb is another, and a phone has room for one.
            className={rights.mine ? undefined : classes.wideOnly}
            onClick={resolve.open}
            data-testid="resolve"
          >
            Resolve
          </Button>
        )}
        {(rights.transfer || rights.returnToBot) && (
          <MoreMenu
            onResolve={rights.resolve && !rights.mine ? resolve.open : undefined}
            onReturn={rights.returnToBot ? giveBack.open : undefined}
            onTransfer={rights.transfer ? move.open : undefined}
          />
        )}
        {onContext && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            className={classes.wideOnly}
            aria-label="Show the context"
            onClick={onContext}
            data-testid="open-context"
          >
            <IconInfoCircle size={19} stroke={1.7} />
          </ActionIcon>
        )}
      </div>
      <ResolveDialog id={conversation.id} opened={resolving} onClose={resolve.close} />
      <TransferDialog conversation={conversation} opened={moving} onClose={move.close} />
      <TransferDialog conversation={conversation} opened={returning} onClose={giveBack.close} toBot />
    </header>
  )
}

function OwnerLine({ conversation }: { conversation: ConversationDetail }) {
  const me = useMe()
  const { owner, agent, status, language, inbox } = conversation
  const holder = agent?.id === me.id ? 'You' : (agent?.name ?? 'An agent')
  const owned = { bot: 'With the assistant', queue: 'Waiting for a person', agent: `With ${holder.replace('You', 'you')}` }
  const parts = [
    status === 'resolved' ? 'Resolved' : owned[owner],
    status !== 'resolved' && status !== 'open' && plain(status),
    language && languageName(language),
    inbox.key !== 'default' && inbox.name,
  ].filter(Boolean)
  return (
    <p className={classes.owner} data-testid="owner" data-owner={owner} data-status={status}>
      <span className={classes.ownerDot} data-owner={status === 'resolved' ? 'resolved' : owner} />
      {parts.join(' · ')}
    </p>
  )
}

type Verb = (() => void) | undefined

function MoreMenu({ onReturn, onTransfer, onResolve }: { onReturn: Verb; onTransfer: Verb; onResolve: Verb }) {
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="default" size={34} aria-label="More actions" data-testid="more-actions">
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {onReturn && (
          <Menu.Item leftSection={<IconRobot size={16} stroke={1.7} />} onClick={onReturn} data-testid="return-to-bot">
            Return to assistant
          </Menu.Item>
        )}
        {onTransfer && (
          <Menu.Item
            leftSection={<IconArrowsExchange size={16} stroke={1.7} />}
            onClick={onTransfer}
            data-testid="transfer"
          >
            Transfer…
          </Menu.Item>
        )}
        {onResolve && (
          <Menu.Item
            className={classes.phoneOnly}
            leftSection={<IconCheck size={16} stroke={1.7} />}
            onClick={onResolve}
          >
            Resolve
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
