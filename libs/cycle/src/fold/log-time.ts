import { type ControlRecord, type Instant, instantOf } from '#contracts'

const NEVER = Number.NEGATIVE_INFINITY

/** The stored form of log time. */
export interface LogTimeState {
  readonly logTime: number | null
  readonly writers: [string, number | null][]
  readonly backfill: string | null
  readonly historyUntil: number | null
  /** The number of events in the log so far. */
  readonly events: number
}

/** The writer that keeps log time from moving, and its last tick; minus infinity if it has not ticked yet. */
export interface TimeHolder {
  readonly writer: string
  readonly tick: Instant
  readonly isBackfill: boolean
}

/**
 * Log time T of a partition (rules 1 to 3): the least tick of the open writers; while a backfill is open, the arrival of its newest row.
 * It never falls.
 */
export class LogTime {
  #now: Instant = NEVER
  readonly #writers = new Map<string, Instant>()
  #backfill: string | undefined
  #historyUntil: Instant = NEVER
  #events = 0
  /** The number of ticks and closings of writers that are not open; they are ignored. */
  strayRecords = 0

  get now(): Instant {
    return this.#now
  }

  get inBackfill(): boolean {
    return this.#backfill !== undefined
  }

  /** The end of the newest backfill; minus infinity before the first one. Outputs of deadlines before it are history too (rule 3). */
  get historyUntil(): Instant {
    return this.#historyUntil
  }

  /** The place in the log of the next event; it orders events of the same time. */
  nextPlace(): number {
    this.#events += 1
    return this.#events
  }

  /** The writer that T waits for: the open backfill, else the open writer with the least tick. Undefined if no writer is open. */
  get holder(): TimeHolder | undefined {
    if (this.#backfill !== undefined) return { writer: this.#backfill, tick: this.#now, isBackfill: true }
    let holder: TimeHolder | undefined
    for (const [writer, tick] of this.#writers) if (holder === undefined || tick < holder.tick) holder = { writer, tick, isBackfill: false }
    return holder
  }

  /** Moves T to a later time; an earlier time changes nothing. */
  advanceTo(to: Instant): void {
    if (to > this.#now) this.#now = to
  }

  /** Applies a control record. A record of a writer that is not open changes nothing and is counted. */
  update(record: ControlRecord): void {
    const { writer } = record
    if (record.record === 'writer.open') this.#writers.set(writer, NEVER)
    else if (record.record === 'backfill.begin') this.#backfill ??= writer
    else if (record.record === 'tick') this.#tick(writer, instantOf(record.time))
    else if (record.record === 'writer.close') this.#countStray(this.#writers.delete(writer))
    else this.#endBackfill(writer, instantOf(record.time))
    if (this.#backfill === undefined) this.#advanceToLeastTick()
  }

  #tick(writer: string, time: Instant): void {
    const last = this.#writers.get(writer)
    if (last === undefined) this.strayRecords += 1
    // An invalid time (NaN) is not later than any time and changes nothing; Math.max would keep NaN for ever.
    else if (time > last) this.#writers.set(writer, time)
  }

  #endBackfill(writer: string, time: Instant): void {
    const isOpen = this.#backfill === writer
    this.#countStray(isOpen)
    if (!isOpen) return
    this.#backfill = undefined
    if (time > this.#historyUntil) this.#historyUntil = time
  }

  #countStray(known: boolean): void {
    if (!known) this.strayRecords += 1
  }

  #advanceToLeastTick(): void {
    if (this.#writers.size === 0) return
    let least = Number.POSITIVE_INFINITY
    for (const time of this.#writers.values()) least = Math.min(least, time)
    this.advanceTo(least)
  }

  save(): LogTimeState {
    const stored = (at: Instant): number | null => (at === NEVER ? null : at)
    return {
      logTime: stored(this.#now),
      writers: [...this.#writers].map(([writer, time]) => [writer, stored(time)]),
      backfill: this.#backfill ?? null,
      historyUntil: stored(this.#historyUntil),
      events: this.#events,
    }
  }

  load(state: LogTimeState): void {
    this.#now = state.logTime ?? NEVER
    this.#writers.clear()
    for (const [writer, time] of state.writers) this.#writers.set(writer, time ?? NEVER)
    this.#backfill = state.backfill ?? undefined
    this.#historyUntil = state.historyUntil ?? NEVER
    this.#events = state.events
  }
}
