import type { GroupPosition } from '#event-log'

/** How far, in log time, a cycle may be behind the others of its log when it is shown for the first time. */
const BEHIND_MS_MAX = 60_000

/** The positions of a cycle by partition, as far as they are known. */
type Positions = readonly (GroupPosition | undefined)[]

/** How much of the log was folded for a cycle that is added beside others, in records. */
export interface ArrivalProgress {
  readonly folded: number
  readonly records: number
}

/**
 * Whether a cycle that was added to a running deployment has come to where the other cycles are. Before that its counts would be those of a
 * time long ago. The other cycles are the measure, so a cycle stays where it was shown when the processors stop.
 */
export class Arrival {
  readonly #own: () => Positions
  readonly #others: () => readonly Positions[]
  #hasArrived = false

  /** @param own empty while they are not known */
  constructor(own: () => Positions, others: () => readonly Positions[]) {
    this.#own = own
    this.#others = others
  }

  /** Null when it has arrived; from then on it stays so. */
  get progress(): ArrivalProgress | null {
    if (this.#hasArrived) return null
    const own = this.#own()
    const others = this.#others()
    const partitions = own.map((position, partition) => ({ position, leading: others.map((positions) => positions[partition]) }))
    this.#hasArrived = own.length > 0 && partitions.every(({ position, leading }) => leading.every((other) => !isBehind(position, other)))
    if (this.#hasArrived) return null
    return {
      folded: sumOf(partitions.map(({ position }) => recordsOf(position))),
      records: sumOf(partitions.map(({ position, leading }) => Math.max(...[position, ...leading].map(recordsOf)))),
    }
  }
}

function isBehind(position: GroupPosition | undefined, other: GroupPosition | undefined): boolean {
  const [own, leading] = [position?.logTime ?? Number.NEGATIVE_INFINITY, other?.logTime ?? Number.NEGATIVE_INFINITY]
  return leading > own && leading - own > BEHIND_MS_MAX
}

const recordsOf = (position: GroupPosition | undefined): number => (position === undefined ? 0 : position.offset + 1)
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
