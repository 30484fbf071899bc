// Who the customer is, as far as we know, and where they came from.
import { IconArrowUpRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { ConversationDetail } from '../api/types'
import { identityName, languageName } from '../shared/codes'
import { fullTime } from '../shared/time'
import classes from './Packet.module.css'
import { webAddress } from './packetLines'
import { Section } from './Section'

export function Facts({ title, facts: pairs, children }: { title: string; facts: [string, string][]; children?: ReactNode }) {
  if (pairs.length === 0 && !children) return null
  return (
    <Section title={title}>
      <dl className={classes.facts}>
        {pairs.map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {children}
      </dl>
    </Section>
  )
}

export function CustomerFacts({ conversation }: { conversation: ConversationDetail }) {
  const { customer, packet, created_at } = conversation
  const page = packet?.page_url ?? conversation.page_url
  const language = packet?.language ?? conversation.language
  const pairs: [string, string | null | undefined][] = [
    ['Name', customer.name],
    ['E-mail', customer.email],
    ['Identity', packet?.identity && identityName(packet.identity.level)],
    ['Language', language && languageName(language)],
    ['Inbox', conversation.inbox.name],
    ['Started', fullTime(created_at)],
  ]
  return (
    <Facts title="Customer" facts={pairs.filter((pair): pair is [string, string] => !!pair[1])}>
      {page && (
        <div className={classes.fact}>
          <dt>Page</dt>
          <dd>
            <PageAddress url={page} />
          </dd>
        </div>
      )}
    </Facts>
  )
}

function PageAddress({ url }: { url: string }) {
  const href = webAddress(url)
  if (!href) return <>{url}</>
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" className={classes.pageUrl}>
      {url.replace(/^https?:\/\//, '')} <IconArrowUpRight size={13} aria-label="(opens in a new tab)" />
    </a>
  )
}

