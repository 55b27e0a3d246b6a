import { useState } from 'preact/hooks'

/** A place in a picture that somebody points at, among some that follow each other. */
export interface Cursor {
  readonly at: number
  readonly last: number
  readonly move: (to: number) => void
  /** Whether somebody has moved it. */
  readonly isMoved: boolean
}

/** A cursor on the last of some places, until it is moved. */
export function useCursor(total: number): Cursor {
  const [moved, setMoved] = useState<number | undefined>(undefined)
  const last = Math.max(0, total - 1)
  const at = Math.min(last, moved ?? last)
  return { at, last, isMoved: moved !== undefined, move: (to) => setMoved(Math.max(0, Math.min(last, Math.round(to)))) }
}

const steps: Readonly<Record<string, (cursor: Cursor) => number>> = {
  ArrowLeft: ({ at }) => at - 1,
  ArrowDown: ({ at }) => at - 1,
  ArrowRight: ({ at }) => at + 1,
  ArrowUp: ({ at }) => at + 1,
  PageDown: ({ at, last }) => at - Math.max(1, Math.round(last / 10)),
  PageUp: ({ at, last }) => at + Math.max(1, Math.round(last / 10)),
  Home: () => 0,
  End: ({ last }) => last,
}

/** Moves a cursor with the keys of a slider. */
export const followKeys =
  (cursor: Cursor) =>
  (event: KeyboardEvent): void => {
    const step = steps[event.key]
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    cursor.move(step(cursor))
  }
