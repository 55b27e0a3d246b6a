import type { Instant } from '#contracts'
import { countsBy, type HistoryReader } from '#history'
import type { StageAccounts } from '#projections'
import { HOUR_MS, type HourChanges, historyDifferences, hourChanges } from './hour-changes.ts'
import type { Difference } from './stage-differences.ts'

/** How many full hours are compared. */
const HOURS = 24
/** How much earlier the flows of a reading begin: it is compared with a history of some minutes later. */
const HOURS_KEPT = HOURS + 2

/** What history says of the last full hours, and for which log times. */
interface HistoryReading {
  /** The least and the greatest log time of its partitions. */
  readonly asOf: Instant
  readonly upTo: Instant
  readonly changes: HourChanges
}

/** The result of a comparison. */
export interface Agreement {
  readonly asOf: Instant
  readonly differences: readonly Difference[]
  /** Numbers of stages in hours: those that were equal, and those that changed during the comparison. */
  readonly equal: number
  readonly passedOver: number
}

/** The first hour whose flows are read for a comparison. */
export function flowsFrom(asOf: Instant): Instant {
  return Number.isFinite(asOf) ? Math.floor(asOf / HOUR_MS) * HOUR_MS - HOURS_KEPT * HOUR_MS : Number.POSITIVE_INFINITY
}

/**
 * Compares the counts of history with the live ones, for the last full hours of UTC. The two stores never have the same state at one moment; so each reading
 * of history is held between two live readings: one of less log time in all partitions, and one of more.
 */
export class HistoryAgreement {
  readonly #history: HistoryReader
  readonly #stages: readonly string[]
  #live: StageAccounts | undefined
  #held: { readonly earlier: StageAccounts; readonly reading: HistoryReading } | undefined
  #latest: Agreement | undefined

  constructor(history: HistoryReader, stages: readonly string[]) {
    this.#history = history
    this.#stages = stages
  }

  /** The newest comparison that was finished; undefined before the third reading. */
  get latest(): Agreement | undefined {
    return this.#latest
  }

  /** Takes the next live reading into account. */
  async next(live: StageAccounts): Promise<void> {
    if (this.#held !== undefined && live.asOf > this.#held.reading.upTo) {
      this.#latest = agreementOf(this.#held.earlier, this.#held.reading, live)
      this.#held = undefined
    }
    const earlier = this.#live
    this.#live = live
    if (this.#held !== undefined || earlier === undefined) return
    const reading = await this.#read()
    if (reading !== undefined && reading.asOf > earlier.upTo) this.#held = { earlier, reading }
  }

  #read(): Promise<HistoryReading | undefined> {
    return this.#history.snapshot(async (reader) => {
      const [times] = await reader.rows<{ asOf: number | null; upTo: number | null }>('SELECT min(log_time) AS "asOf", max(log_time) AS "upTo" FROM as_of')
      const asOf = await reader.asOf()
      if (!Number.isFinite(asOf) || times?.upTo === null || times === undefined) return undefined
      const end = Math.floor(asOf / HOUR_MS) * HOUR_MS
      const periods = Array.from({ length: HOURS }, (_, i) => ({ from: end - (HOURS - i) * HOUR_MS, until: end - (HOURS - i - 1) * HOUR_MS }))
      const counts = await countsBy(reader, { periods, stages: this.#stages })
      return { asOf, upTo: times.upTo, changes: new Map(counts.map(({ from, stages }) => [from, stages])) }
    })
  }
}

function agreementOf(earlier: StageAccounts, { asOf, changes }: HistoryReading, later: StageAccounts): Agreement {
  const from = Math.max(flowsFrom(earlier.asOf), flowsFrom(later.asOf))
  const hours = [...changes.keys()].filter((hour) => hour >= from)
  const ofHours = new Map([...changes].filter(([hour]) => hour >= from))
  return { asOf, ...historyDifferences({ earlier: hourChanges(earlier, hours), history: ofHours, later: hourChanges(later, hours) }) }
}
