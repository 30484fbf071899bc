// What has been typed and not sent: kept per person, conversation and mode, across reloads.
import { useEffect, useState } from 'react'

export type Mode = 'reply' | 'note'

function keyOf(user: string, conversation: string, mode: Mode): string {
  return `deskhand.draft.${user}.${conversation}.${mode}`
}

// The same draft may be changed by the composer and by the outbox that gives a refused text back.
const listeners = new Set<(key: string) => void>()

function read(key: string): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

function write(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text)
    else localStorage.removeItem(key)
  } catch {
    // A full or forbidden storage must not keep anybody from typing.
  }
}

/** Puts a refused text back in front of whatever has been typed since. */
export function giveBack(user: string, conversation: string, mode: Mode, text: string): void {
  const key = keyOf(user, conversation, mode)
  const typed = read(key)
  write(key, typed ? `${text}\n${typed}` : text)
  listeners.forEach((tell) => tell(key))
}

export function useDraft(user: string, conversation: string, mode: Mode): [string, (text: string) => void] {
  const key = keyOf(user, conversation, mode)
  const [draft, setDraft] = useState(() => ({ key, text: read(key) }))
  const text = draft.key === key ? draft.text : read(key)

  useEffect(() => {
    const listener = (changed: string) => {
      if (changed === key) setDraft({ key, text: read(key) })
    }
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }, [key])

  const setText = (next: string) => {
    write(key, next)
    setDraft({ key, text: next })
  }
  return [text, setText]
}
