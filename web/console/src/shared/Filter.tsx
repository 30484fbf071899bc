// A choice that narrows a list and is kept in the address, so that it survives a reload.
import { Select } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { plain } from './codes'

interface Props {
  name: string
  label: string
  codes: readonly string[]
  /** How a code reads; the plain words by default. */
  names?: (code: string) => string
}

export function Filter({ name, label, codes, names = plain }: Props) {
  const [search, setSearch] = useSearchParams()
  const choose = (value: string | null) =>
    setSearch(
      (before) => {
        if (value) before.set(name, value)
        else before.delete(name)
        return before
      },
      { replace: true },
    )
  return (
    <Select
      aria-label={label}
      data={[{ value: '', label }, ...codes.map((value) => ({ value, label: names(value) }))]}
      value={search.get(name) ?? ''}
      onChange={choose}
      w={170}
      data-testid={`filter-${name}`}
    />
  )
}
