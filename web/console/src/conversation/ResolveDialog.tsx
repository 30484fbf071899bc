// Resolving: what it was about, how it ended, and a note for whoever reads it later.
import { Button, Group, Select, Stack, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { words } from '../api/client'
import { close } from '../api/conversations'
import { options } from '../shared/codes'
import { Dialog } from '../shared/Dialog'
import { notify } from '../shared/notify'
import { refreshAfterMove } from './useClaim'

const REASONS = options([
  'question_answered',
  'problem_fixed',
  'ticket_opened',
  'customer_left',
  'duplicate',
  'spam',
  'other',
])
const RESULTS = options(['solved', 'partly_solved', 'not_solved'])

export function ResolveDialog({ id, opened, onClose }: { id: string; opened: boolean; onClose: () => void }) {
  const client = useQueryClient()
  const [reason, setReason] = useState('question_answered')
  const [result, setResult] = useState('solved')
  const [note, setNote] = useState('')
  const { mutate, isPending } = useMutation({
    mutationFn: () => close(id, { reason, result, ...(note.trim() && { note: note.trim() }) }),
    onSuccess: () => {
      onClose()
      setNote('')
      notify.done('Resolved')
    },
    onError: (error) => notify.error('Not resolved', words(error)),
    onSettled: () => refreshAfterMove(client, id),
  })
  return (
    <Dialog opened={opened} onClose={onClose} title="Resolve the conversation">
      <Stack gap="md">
        <Select label="What was it?" data={REASONS} value={reason} onChange={(value) => value && setReason(value)} />
        <Select label="How did it end?" data={RESULTS} value={result} onChange={(value) => value && setResult(value)} />
        <Textarea
          label="Note"
          description="For your colleagues; the customer does not see it."
          autosize
          minRows={2}
          maxRows={8}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-testid="resolve-note"
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => mutate()} loading={isPending} data-testid="resolve-confirm">
            Resolve
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
