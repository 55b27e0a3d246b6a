import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { EventView } from '../compile/event-path.ts'
import type { ReadPath } from '../compile/read-paths.ts'
import { nearestName } from '../definition/nearest-name.ts'

/** How many events had a value at a path of the definition. */
interface PathCount {
  /** Events of the signals that read the path, since the last one that had a value there. */
  readonly missing: number
  /** Events that had a value. */
  readonly had: number
  /** A path that the first event without a value had, and which is written in nearly the same way. */
  readonly near?: string | undefined
}

/** {@link PathCount} by the path. */
export type PathCountsRecord = Readonly<Record<string, PathCount>>

/** {@link PathCount} while it is being counted. */
type Counted = { -readonly [key in keyof PathCount]: PathCount[key] }

/** Names come from clients, so memory for them must be bounded. */
const NAMES_REMEMBERED_MAX = 1_000
const NEAR_LENGTH_MAX = 128
/** What is looked through for a similar name, in one event. */
const KEYS_MAX = 200

/** Counts which paths of a definition events have. Its size follows from the definition, and it has no effect on outcomes. */
export class PathCounts {
  readonly #signals: CompiledCycle['signals']
  readonly #paths: readonly ReadPath[]
  readonly #counts: Counted[]
  /** The indexes of the paths that are read from events of a name. */
  readonly #byName = new Map<string, readonly number[]>()

  constructor({ signals, readPaths }: Pick<CompiledCycle, 'signals' | 'readPaths'>) {
    this.#signals = signals
    this.#paths = readPaths
    this.#counts = readPaths.map(() => ({ missing: 0, had: 0 }))
  }

  /** Counts an event, whether a signal matches it or only its name. */
  saw(event: EventView): void {
    if (this.#paths.length === 0) return
    for (const index of this.#byName.get(event.event) ?? this.#pathsOf(event.event)) {
      const [path, count] = [this.#paths[index] as ReadPath, this.#counts[index] as Counted]
      const value = path.read(event)
      if (value === undefined || value === null) this.#miss(path, count, event)
      else {
        count.missing = 0
        count.had += 1
      }
    }
  }

  /** The counts so far; paths of which no event was seen are left out. */
  record(): PathCountsRecord {
    const seen = this.#paths.flatMap(({ path }, index) => {
      const count = this.#counts[index] as Counted
      return count.missing + count.had === 0 ? [] : [[path, { ...count }] as const]
    })
    return Object.fromEntries(seen)
  }

  /** Replaces the counts by stored ones. */
  load(stored: PathCountsRecord): void {
    for (const [index, { path }] of this.#paths.entries()) this.#counts[index] = { missing: 0, had: 0, ...stored[path] }
  }

  #miss({ path }: ReadPath, count: Counted, event: EventView): void {
    if (count.missing + count.had === 0) {
      const near = nearPath(path, event)
      if (near !== undefined) count.near = near
    }
    count.missing += 1
  }

  #pathsOf(name: string): readonly number[] {
    const bits = this.#signals.reduce((sum, { matchesName }, bit) => (matchesName(name) ? sum | (1 << bit) : sum), 0)
    const indexes = this.#paths.flatMap(({ signals }, index) => ((signals & bits) === 0 ? [] : [index]))
    if (this.#byName.size >= NAMES_REMEMBERED_MAX) this.#byName.clear()
    this.#byName.set(name, indexes)
    return indexes
  }
}

/** The counts of several partitions, or of several cycles, as one. */
export function joinPathCounts(records: readonly PathCountsRecord[]): PathCountsRecord {
  const joined = new Map<string, PathCount>()
  for (const [path, { missing, had, near }] of records.flatMap((record) => Object.entries(record))) {
    const before = joined.get(path)
    const first = before?.near ?? near
    joined.set(path, { missing: missing + (before?.missing ?? 0), had: had + (before?.had ?? 0), ...(first === undefined ? {} : { near: first }) })
  }
  return Object.fromEntries(joined)
}

/** A property of the event whose name differs from the path in its case or separators, or in a typing error. */
function nearPath(path: string, event: EventView): string | undefined {
  const [root = '', ...steps] = path.split('.')
  const fields = event[root as 'properties' | 'traits' | 'context'] ?? {}
  const [name, known] = [steps.join('.'), Object.keys(fields).slice(0, KEYS_MAX)]
  const near = known.find((other) => simplified(other) === simplified(name)) ?? nearestName(name, known)
  return near === undefined || near === name ? undefined : `${root}.${near}`.slice(0, NEAR_LENGTH_MAX)
}

const simplified = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '')
