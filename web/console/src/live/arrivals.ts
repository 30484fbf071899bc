// A customer has come into the queue: heard by screen readers, by ear if wanted, and seen on any page.
import { makeStore } from '../shared/store'
import type { ConversationItem } from '../api/types'
import { customerName } from '../shared/names'

const SOUND_KEY = 'deskhand.sound'

/** The newest arrival; the announcer reads it out, the pages show it. */
export const arrivals = makeStore<{ id: string; text: string; count: number } | null>(null)

function stored(): boolean {
  try {
    return localStorage.getItem(SOUND_KEY) === 'on'
  } catch {
    return false
  }
}

export const soundOn = makeStore(stored())

export function switchSound(on: boolean): void {
  soundOn.set(() => on)
  try {
    localStorage.setItem(SOUND_KEY, on ? 'on' : 'off')
  } catch {
    // It stays as chosen until the page is closed.
  }
  if (on) chime()
}

export function announceArrival(item: ConversationItem): void {
  const text = `${customerName(item.customer)} is waiting for a person`
  arrivals.set((last) => ({ id: item.id, text, count: (last?.count ?? 0) + 1 }))
  if (soundOn.get()) chime()
}

/** Two soft notes, made here: no file, no request. */
function chime(): void {
  try {
    const audio = new AudioContext()
    const gain = audio.createGain()
    gain.connect(audio.destination)
    gain.gain.setValueAtTime(0.08, audio.currentTime)
    gain.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.7)
    note(audio, gain, 659, 0)
    note(audio, gain, 880, 0.14)
    setTimeout(() => void audio.close(), 1_000)
  } catch {
    // A browser that forbids sound before the first click is right.
  }
}

function note(audio: AudioContext, out: AudioNode, frequency: number, delay: number): void {
  const tone = audio.createOscillator()
  tone.frequency.value = frequency
  tone.connect(out)
  tone.start(audio.currentTime + delay)
  tone.stop(audio.currentTime + delay + 0.5)
}
