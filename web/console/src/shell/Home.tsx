// Where somebody starts: at the first page that their role shows.
import { Navigate } from 'react-router'
import { useMay } from '../api/session'
import { PLACES } from './places'

export function Home() {
  const may = useMay()
  const first = PLACES.find((place) => place.needs.some(may))
  return <Navigate to={first?.to ?? '/inbox'} replace />
}
