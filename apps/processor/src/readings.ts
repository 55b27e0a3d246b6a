import { networkLogLimits, SharedReading } from '#pipeline'

/** How much of a partition is kept for the cycles that are behind: some reads, since each cycle folds one and commits it before the next. */
const KEPT_MAX = 3 * networkLogLimits.bytesAtOnce

/** The reading of each partition, which the folds of all cycles in this process share. */
export class Readings {
  readonly #readings = new Map<number, SharedReading>()

  of(partition: number): SharedReading {
    const reading = this.#readings.get(partition) ?? new SharedReading({ keptMax: KEPT_MAX })
    this.#readings.set(partition, reading)
    return reading
  }
}
