// Lines below the header that stay as long as they are true: no connection, no assistant.
import { IconAlertTriangle, IconPlugConnectedX } from '@tabler/icons-react'
import { useLiveState } from '../live/context'
import { plain } from '../shared/codes'
import classes from './Shell.module.css'

const ASSISTANT_DOWN =
  'The assistant is not answering. Customers get articles from the knowledge base, or come to the queue.'

function bannerText(code: string): string {
  return /rasa|bot|assistant|breaker/.test(code) ? ASSISTANT_DOWN : plain(code)
}

export function Banners() {
  const { status, banners } = useLiveState()
  const active = Object.keys(banners).filter((code) => banners[code])
  return (
    <div role="status" aria-live="polite">
      {status === 'lost' && (
        <div className={classes.banner} data-kind="lost" data-testid="banner-offline">
          <IconPlugConnectedX size={17} aria-hidden />
          Connection lost, retrying. What you write is kept and sent later.
        </div>
      )}
      {active.map((code) => (
        <div key={code} className={classes.banner} data-kind="notice" data-testid={`banner-${code}`}>
          <IconAlertTriangle size={17} aria-hidden />
          {bannerText(code)}
        </div>
      ))}
    </div>
  )
}
