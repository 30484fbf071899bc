// One look-up: declared anew, or changed, tried out and removed.
import { Button, Group, Stack } from '@mantine/core'
import { IconPlugConnectedX, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { Problem, words } from '../api/client'
import { lookUpQuery, useChangeLookUp, useCreateLookUp, useDeleteLookUp } from '../api/lookUps'
import { useMay } from '../api/session'
import type { LookUp } from '../api/types'
import { Dialog } from '../shared/Dialog'
import { notify } from '../shared/notify'
import { Page } from '../shared/Page'
import { Blank, Failed, Loading } from '../shared/states'
import classes from './Assistant.module.css'
import { faultsOf } from './faults'
import { draftOf, EMPTY, patchOf, wantedOf } from './lookUpDraft'
import { LookUpForm } from './LookUpForm'
import { LookUpTrial } from './LookUpTrial'

const BACK = { to: '/assistant/look-ups', label: 'Back to the look-ups' }

export function LookUpPage() {
  const { id = '' } = useParams()
  return id === 'new' ? <NewLookUp /> : <KeptLookUp id={id} />
}

function NewLookUp() {
  const navigate = useNavigate()
  const { mutate, isPending, error } = useCreateLookUp()
  return (
    <Page title="New look-up" back={BACK}>
      <div className={classes.columns}>
        <LookUpForm
          initial={EMPTY}
          faults={faultsOf(error)}
          busy={isPending}
          onSave={(draft) =>
            mutate(wantedOf(draft), {
              onSuccess: ({ id }) => {
                notify.done('Saved', 'Try it out before customers do.')
                void navigate(`/assistant/look-ups/${id}`, { replace: true })
              },
              onError: (problem) => notify.error('The look-up was not saved', words(problem)),
            })
          }
        />
        <section className={classes.side}>
          <p className={classes.hint}>
            A look-up asks one address of your own systems and words what comes back. It only ever reads: the request is
            always a GET. Once it is saved, you can try it out here.
          </p>
        </section>
      </div>
    </Page>
  )
}

function KeptLookUp({ id }: { id: string }) {
  const { data: lookUp, error, refetch } = useQuery(lookUpQuery(id))
  if (lookUp) return <LookUpView key={`${id}-${lookUp.version}`} lookUp={lookUp} />
  return (
    <Page title="Look-up" back={BACK}>
      {error instanceof Problem && error.status === 404 ? (
        <Blank icon={IconPlugConnectedX} title="There is no such look-up" />
      ) : error ? (
        <Failed error={error} retry={refetch} />
      ) : (
        <Loading label="Loading the look-up" />
      )}
    </Page>
  )
}

function LookUpView({ lookUp }: { lookUp: LookUp }) {
  const mayWrite = useMay()('settings.write')
  const { mutate, isPending, error } = useChangeLookUp(lookUp.id)
  return (
    <Page title={lookUp.name} back={BACK} tools={mayWrite && <Removal lookUp={lookUp} />}>
      <div className={classes.columns}>
        <LookUpForm
          initial={draftOf(lookUp)}
          hasSecret={lookUp.has_secret}
          faults={faultsOf(error)}
          busy={isPending}
          readOnly={!mayWrite}
          onSave={(draft) =>
            mutate(patchOf(draft, lookUp), {
              onSuccess: () => notify.done('Saved', 'It counts with the next question.'),
              onError: (problem) => notify.error('The look-up was not saved', words(problem)),
            })
          }
        />
        {mayWrite && <LookUpTrial lookUp={lookUp} />}
      </div>
    </Page>
  )
}

function Removal({ lookUp }: { lookUp: LookUp }) {
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const { mutate, isPending } = useDeleteLookUp(lookUp)
  const remove = () =>
    mutate(undefined, {
      onSuccess: () => {
        notify.done('Removed')
        void navigate('/assistant/look-ups', { replace: true })
      },
      onError: (problem) => notify.error('The look-up was not removed', words(problem)),
    })
  return (
    <>
      <Button variant="subtle" color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsking(true)} data-testid="look-up-remove">
        Remove
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={`Remove ${lookUp.name}?`}>
        <Stack gap="md">
          <p>The assistant no longer asks this service. Its secret is forgotten.</p>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button color="red" loading={isPending} onClick={remove} data-testid="look-up-remove-confirm">
              Remove
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  )
}
