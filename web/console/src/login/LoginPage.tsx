// The door: e-mail and password, and a clear sentence for everything that can go wrong.
import { Alert, Button, PasswordInput, TextInput } from '@mantine/core'
import { IconAlertCircle } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { Navigate, useSearchParams } from 'react-router'
import { Problem, words } from '../api/client'
import { keys } from '../api/keys'
import { logIn, meQuery } from '../api/session'
import { Logo } from '../shell/Logo'
import classes from './LoginPage.module.css'

/** Why nobody was let in, in words that say what to do next. */
function reason(error: unknown): string {
  if (!(error instanceof Problem)) return words(error)
  if (error.status === 401) return 'E-mail or password is wrong.'
  if (error.status === 429) {
    const minutes = Math.max(1, Math.ceil((error.retryAfter ?? 60) / 60))
    return `Too many attempts. This account is locked; try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`
  }
  return words(error)
}

/** Only paths of this console: an address in a link must not lead elsewhere. */
function safePath(path: string | null): string {
  return path?.startsWith('/') && !path.startsWith('//') ? path : '/'
}

export function LoginPage() {
  const client = useQueryClient()
  const { data: me } = useQuery(meQuery)
  const [search] = useSearchParams()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)

  if (me) return <Navigate to={safePath(search.get('next'))} replace />

  async function submit(event: SyntheticEvent) {
    event.preventDefault()
    setBusy(true)
    setFailure('')
    try {
      await logIn(email.trim(), password)
      await client.refetchQueries({ queryKey: keys.me })
    } catch (error) {
      setFailure(reason(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main className={classes.page}>
      <title>Sign in · Deskhand</title>
      <div className={classes.card}>
        <Logo size={40} />
        <h1 className={classes.title}>Sign in to Deskhand</h1>
        <p className={classes.lead}>For agents and admins of this desk.</p>
        {failure && (
          <Alert color="red" icon={<IconAlertCircle size={18} />} role="alert" data-testid="login-error">
            {failure}
          </Alert>
        )}
        <form onSubmit={submit} className={classes.form}>
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            required
            size="md"
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
            data-testid="login-email"
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            size="md"
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }}
            data-testid="login-password"
          />
          <Button type="submit" size="md" fullWidth loading={busy} data-testid="login-submit">
            Sign in
          </Button>
        </form>
      </div>
    </main>
  )
}
