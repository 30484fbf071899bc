// "Mei is typing", for as long as the last sign of it is fresh.
import { useLiveState } from '../live/context'
import { useNow } from '../shared/time'
import classes from './Transcript.module.css'

export function TypingLine({ id }: { id: string }) {
  const typing = useLiveState().typing[id]
  return (
    <p className={classes.typing} aria-live="off">
      {typing && <Fresh author={typing.author} until={typing.until} />}
    </p>
  )
}

function Fresh({ author, until }: { author: string; until: number }) {
  const now = useNow(1_000)
  if (now > until) return null
  return (
    <>
      <span className={classes.dots} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      {author} is typing
    </>
  )
}
