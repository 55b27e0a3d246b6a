import { type ControlRecord, type Instant, instantOf } from '#contracts'

const NEVER = Number.NEGATIVE_INFINITY

/** What is stored of how far a partition's log has come. */
export interface LogTimeState {
  readonly logTime: number | null
  readonly writers: [string, number | null][]
  readonly backfill: string | null
  readonly historyUntil: number | null
  /** Events that stand in the log so far. */
  readonly events: number
}

/** Who holds log time where it is, and by which tick; minus infinity where there was none yet. */
export interface TimeHolder {
  readonly writer: string
  readonly tick: Instant
  readonly isBackfill: boolean
}

/**
 * How far a partition's log has come (rules 1 to 3): T is the least of its open writers' ticks; while a backfill is open, the
 * arrival of its newest row. It never falls.
 */
export class LogTime {
  #now: Instant = NEVER
  readonly #writers = new Map<string, Instant>()
  #backfill: string | undefined
  #historyUntil: Instant = NEVER
  #events = 0
  /** Ticks and closings of writers that are not open: ignored, counted. */
  strayRecords = 0

  get now(): Instant {
    return this.#now
  }

  get inBackfill(): boolean {
    return this.#backfill !== undefined
  }

  /** When the newest backfill ended; minus infinity before one has. What was due before was due while history went in, and is history too. */
  get historyUntil(): Instant {
    return this.#historyUntil
  }

  /** The place in the log of the event that comes now: it orders events of the same time. */
  nextPlace(): number {
    this.#events += 1
    return this.#events
  }

  /** By whom T is held where it is: the backfill that is open, else the open writer with the least tick. Undefined with no writer open. */
  get holder(): TimeHolder | undefined {
    if (this.#backfill !== undefined) return { writer: this.#backfill, tick: this.#now, isBackfill: true }
    let holder: TimeHolder | undefined
    for (const [writer, tick] of this.#writers) if (holder === undefined || tick < holder.tick) holder = { writer, tick, isBackfill: false }
    return holder
  }

  /** Time never falls. */
  advance(to: Instant): void {
    if (to > this.#now) this.#now = to
  }

  apply(record: ControlRecord): void {
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
    // What is no number is not later than anything: it moves nothing, where Math.max would keep it for ever.
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
    this.advance(least)
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
