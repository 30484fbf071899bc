// Handing a conversation on: to a colleague, back to the queue, or back to the assistant.
import { Button, Group, SegmentedControl, Select, Stack, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { agentsQuery } from '../api/agents'
import { words } from '../api/client'
import { transfer } from '../api/conversations'
import type { Agent, ConversationDetail, Transfer } from '../api/types'
import { languageName, options } from '../shared/codes'
import { Dialog } from '../shared/Dialog'
import { notify } from '../shared/notify'
import { refreshAfterMove } from './useClaim'

type Target = Transfer['to']

const TARGETS: { value: Target; label: string }[] = [
  { value: 'agent', label: 'A colleague' },
  { value: 'queue', label: 'The queue' },
  { value: 'bot', label: 'The assistant' },
]
const REASONS = options(['needs_other_skill', 'other_language', 'end_of_shift', 'needs_decision', 'other'])
const BOT_REASONS = options(['routine_question', 'customer_prefers_assistant', 'other'])

interface Props {
  conversation: ConversationDetail
  opened: boolean
  onClose: () => void
  /** Only back to the assistant; the more frequent move gets the shorter way. */
  toBot?: boolean
}

export function TransferDialog({ conversation, opened, onClose, toBot = false }: Props) {
  const title = toBot ? 'Return to the assistant' : 'Transfer the conversation'
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <TransferForm conversation={conversation} onClose={onClose} toBot={toBot} />
    </Dialog>
  )
}

function TransferForm({ conversation, onClose, toBot }: Omit<Required<Props>, 'opened'>) {
  const client = useQueryClient()
  const [to, setTo] = useState<Target>(toBot ? 'bot' : 'agent')
  const reasons = to === 'bot' ? BOT_REASONS : REASONS
  const [agent, setAgent] = useState<string | null>(null)
  const [chosen, setReason] = useState<string | null>(null)
  const reason = reasons.find(({ value }) => value === chosen)?.value ?? reasons[0]?.value ?? 'other'
  const [note, setNote] = useState('')
  const { mutate, isPending } = useMutation({
    mutationFn: () =>
      transfer(conversation.id, {
        to,
        reason,
        ...(note.trim() && { note: note.trim() }),
        ...(to === 'agent' && agent && { id: agent }),
      }),
    onSuccess: () => {
      onClose()
      notify.done(to === 'bot' ? 'The assistant has it again' : 'Transferred')
    },
    onError: (error) => notify.error('Not transferred', words(error)),
    onSettled: () => refreshAfterMove(client, conversation.id),
  })
  return (
    <Stack gap="md">
      {!toBot && (
        <SegmentedControl
          fullWidth
          data={TARGETS}
          value={to}
          onChange={(value) => setTo(value)}
          aria-label="Transfer to"
        />
      )}
      {to === 'agent' && <AgentSelect conversation={conversation} value={agent} onChange={setAgent} />}
      <Select label="Why?" data={reasons} value={reason} onChange={setReason} />
      <Textarea
        label="What should they know?"
        description="A note for the next person; the customer does not see it."
        autosize
        minRows={2}
        maxRows={8}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        data-testid="transfer-note"
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          onClick={() => mutate()}
          loading={isPending}
          disabled={to === 'agent' && !agent}
          data-testid="transfer-confirm"
        >
          {toBot ? 'Return' : 'Transfer'}
        </Button>
      </Group>
    </Stack>
  )
}

interface AgentSelectProps {
  conversation: ConversationDetail
  value: string | null
  onChange: (id: string | null) => void
}

function AgentSelect({ conversation, value, onChange }: AgentSelectProps) {
  const { data: agents = [], error, isPending } = useQuery(agentsQuery)
  const others = agents
    .filter(({ id }) => id !== conversation.agent?.id)
    .sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.name.localeCompare(b.name))
  return (
    <Select
      label="To whom?"
      placeholder={isPending ? 'Loading colleagues' : 'Choose a colleague'}
      data={others.map((agent) => ({ value: agent.id, label: agentLabel(agent) }))}
      value={value}
      onChange={onChange}
      error={error ? words(error) : undefined}
      searchable
      nothingFoundMessage="Nobody of that name"
      data-testid="transfer-agent"
    />
  )
}

const ORDER: Record<Agent['status'], number> = { online: 0, away: 1, offline: 2 }

function agentLabel({ name, status, load, capacity, languages }: Agent): string {
  return `${name} · ${status}, ${load} of ${capacity} chats · ${languages.map(languageName).join(', ')}`
}
