// A short state in a small coloured box; the colour repeats what the word says.
import { plain } from './codes'
import classes from './Rows.module.css'

export function Pill({ code }: { code: string }) {
  return (
    <span className={classes.pill} data-tone={code}>
      {plain(code)}
    </span>
  )
}
