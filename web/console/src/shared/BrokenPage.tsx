// Shown for an address that does not exist, and where a page itself has failed.
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconMapOff } from '@tabler/icons-react'
import { Link } from 'react-router'
import { Blank } from './states'

export function BrokenPage({ missing = false }: { missing?: boolean }) {
  return (
    <main id="main">
      <Blank
        icon={missing ? IconMapOff : IconAlertTriangle}
        title={missing ? 'There is nothing here' : 'This page has failed'}
        text={missing ? 'The address may be mistyped.' : 'Reload it; your drafts are kept.'}
      >
        {missing ? (
          <Button component={Link} to="/inbox" variant="default">
            Go to the inbox
          </Button>
        ) : (
          <Button variant="default" onClick={() => window.location.reload()}>
            Reload
          </Button>
        )}
      </Blank>
    </main>
  )
}
