// What the server finds wrong with a form, sorted to the fields it speaks of.
import { Problem } from '../api/client'
import type { Fault } from '../api/types'

export function faultsOf(error: unknown): Fault[] {
  return error instanceof Problem ? (error.body.faults ?? []) : []
}

/** All that is said of a field, or undefined: what an input's `error` takes. */
export function about(faults: readonly Fault[], field: string): string | undefined {
  const said = faults.filter((fault) => fault.field === field).map((fault) => fault.message)
  return said.length > 0 ? said.join(' ') : undefined
}

/** Faults of fields that have no place of their own in the form. */
export function others(faults: readonly Fault[], isShown: (field: string) => boolean): Fault[] {
  return faults.filter((fault) => !isShown(fault.field))
}
