// Somebody's initials in a colour of their own; always beside the name, so it says nothing to screen readers.
import classes from './Face.module.css'
import { initials } from './names'

/** The same name has the same colour everywhere. */
function hue(name: string): number {
  let sum = 0
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360
  return sum
}

export function Face({ name, size = 36 }: { name: string; size?: number }) {
  return (
    <span
      className={classes.face}
      style={{ '--hue': hue(name), width: size, height: size, fontSize: size * 0.36 } as React.CSSProperties}
      aria-hidden
    >
      {initials(name)}
    </span>
  )
}
