// Shown for an address that does not exist, and where a page itself has failed.
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconMapOff } from '@tabler/icons-react'
import { Link } from 'react-router'
import { Blank } from './states'

export function MissingPage() {
  return (
    <Blank page icon={IconMapOff} title="There is nothing here" text="The address may be mistyped.">
      <title>Nothing here · Deskhand</title>
      <Button component={Link} to="/" variant="default">
        Go to the start page
      </Button>
    </Blank>
  )
}

/** Stands in for the whole frame, so it brings its own main part. */
export function BrokenPage() {
  return (
    <main>
      <Blank
        page
        icon={IconAlertTriangle}
        title="This page has failed"
        text="Reload it; your drafts are kept."
      >
        <Button variant="default" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </Blank>
    </main>
  )
}
