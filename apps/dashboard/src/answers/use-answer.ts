import { useEffect, useState } from 'preact/hooks'
import { clock, pause } from '../clock.ts'
import { backoffMs, isAnswering, whileRunning } from './connection.ts'
import { getAnswer, Refused } from './get-answer.ts'

/** An answer as far as there is one: the newest that came, and what became of the newest request. */
export interface Loaded<T> {
  readonly path: string | null
  readonly answer: T | undefined
  readonly refused: Refused | undefined
  /** The clock of the browser when the answer came. */
  readonly receivedAt: number
}

const KEPT_MAX = 60
const kept = new Map<string, { answer: unknown; receivedAt: number }>()

/** Keeps the newest answers, so that a view that is opened again shows something at once. */
function keep(path: string, answer: unknown, receivedAt: number): void {
  kept.delete(path)
  kept.set(path, { answer, receivedAt })
  const [oldest] = kept.keys()
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
}

function loadedFrom<T>(path: string | null): Loaded<T> {
  const known = path === null ? undefined : kept.get(path)
  return { path, answer: known?.answer as T | undefined, refused: undefined, receivedAt: known?.receivedAt ?? 0 }
}

/** How often an answer is asked for again; undefined: never. */
export interface Refreshing {
  readonly everyMs?: number | undefined
}

/** The answer to a path, asked for again after a time, or when the path changes. Null: nothing is asked. */
export function useAnswer<T>(path: string | null, { everyMs }: Refreshing = {}): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>(() => loadedFrom<T>(path))
  const shown = loaded.path === path ? loaded : loadedFrom<T>(path)
  useEffect(() => {
    if (path === null) return
    const left = new AbortController()
    const answered = (answer: T): void => {
      const receivedAt = clock.now()
      keep(path, answer, receivedAt)
      if (!left.signal.aborted) setLoaded({ path, answer, refused: undefined, receivedAt })
    }
    const refused = (refusal: Refused): void => {
      if (!left.signal.aborted) setLoaded((before) => ({ ...(before.path === path ? before : loadedFrom<T>(path)), refused: refusal }))
    }
    void follow({ path, everyMs, left: left.signal, answered, refused })
    return () => left.abort()
  }, [path, everyMs])
  return shown
}

/** What one use of an answer does. */
interface Following<T> extends Refreshing {
  readonly path: string
  readonly left: AbortSignal
  readonly answered: (answer: T) => void
  readonly refused: (refusal: Refused) => void
}

async function follow<T>(following: Following<T>): Promise<void> {
  const { everyMs, left } = following
  let failures = 0
  while (!left.aborted) {
    await whileRunning()
    const outcome = await askOnce(following)
    failures = outcome === 'answered' ? 0 : failures + 1
    // What was refused for good is asked for again with what is refreshed; nothing else would change it.
    if (outcome === 'left' || (everyMs === undefined && outcome !== 'failed')) return
    await pause(failures === 0 ? (everyMs ?? 0) : Math.max(backoffMs(failures), outcome === 'refused' ? (everyMs ?? 0) : 0), left)
  }
}

/** Asks once. `failed`: the same question can be answered later. */
async function askOnce<T>({ path, left, answered, refused }: Following<T>): Promise<'answered' | 'failed' | 'refused' | 'left'> {
  try {
    answered(await getAnswer<T>(path, left))
    isAnswering.value = true
    return 'answered'
  } catch (failure) {
    if (left.aborted || !(failure instanceof Refused)) return 'left'
    refused(failure)
    if (failure.status === undefined) isAnswering.value = false
    return failure.isPassing ? 'failed' : 'refused'
  }
}
