// The title of the browser tab: how many are waiting, and where we are.
import { useWaitingCount } from '../inbox/lists'

export function PageTitle({ name }: { name: string }) {
  const waiting = useWaitingCount()
  return <title>{`${waiting > 0 ? `(${waiting}) ` : ''}${name} · Deskhand`}</title>
}
