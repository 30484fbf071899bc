// Keeps a transcript at its end while its reader is there, and where they are while they are not.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react'

const NEAR_PX = 80

interface Sticking {
  ref: RefObject<HTMLDivElement | null>
  /** Something newer lies below what is seen. */
  away: boolean
  toEnd: () => void
  /** Call before rows are put in front: what is read now stays where it is. */
  keepPlace: () => void
}

function showRow(row: Element): () => void {
  row.scrollIntoView({ block: 'center' })
  row.setAttribute('data-found', 'true')
  const timer = setTimeout(() => row.removeAttribute('data-found'), 2_000)
  return () => clearTimeout(timer)
}

/** `last` names the newest row; `own` says that it is ours, which is always followed. */
export function useStickToEnd(
  last: string | undefined,
  own: boolean,
  target: { seq: number; at: number } | null,
): Sticking {
  const wanted = target?.seq
  // Asking twice for the same message shows it twice.
  const askedAt = target?.at
  const ref = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const fromBottom = useRef<number | null>(null)
  const [away, setAway] = useState(false)

  const toEnd = useCallback(() => {
    const box = ref.current
    if (!box) return
    box.scrollTop = box.scrollHeight
    atEnd.current = true
    setAway(false)
  }, [])

  useEffect(() => {
    const box = ref.current
    if (!box) return
    const onScroll = () => {
      atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX
      if (atEnd.current) setAway(false)
    }
    const onResize = new ResizeObserver(() => {
      if (atEnd.current) box.scrollTop = box.scrollHeight
    })
    box.addEventListener('scroll', onScroll, { passive: true })
    onResize.observe(box)
    return () => {
      box.removeEventListener('scroll', onScroll)
      onResize.disconnect()
    }
  }, [])

  useLayoutEffect(() => {
    if (last === undefined) return
    if (atEnd.current || own) toEnd()
    else setAway(true)
  }, [last, own, toEnd])

  useLayoutEffect(() => {
    const box = ref.current
    if (!box || fromBottom.current === null) return
    box.scrollTop = box.scrollHeight - fromBottom.current
    fromBottom.current = null
  })

  useEffect(() => {
    const row = wanted === undefined ? null : ref.current?.querySelector(`[data-seq="${wanted}"]`)
    return row ? showRow(row) : undefined
  }, [wanted, askedAt])

  const keepPlace = () => {
    const box = ref.current
    if (box) fromBottom.current = box.scrollHeight - box.scrollTop
  }
  return { ref, away, toEnd, keepPlace }
}
