import { type ControlRecord, instantOf } from '#contracts'

/** Log time T of one partition (rules 1 to 3). */
export class LogTime {
  now = Number.NEGATIVE_INFINITY
  /** Deadlines before the end of a backfill are history, whenever they fire. */
  historyUntil = Number.NEGATIVE_INFINITY
  /** The greatest tick of each open writer; minus infinity until its first: T waits for it. */
  private backfill: string | undefined
  private readonly ticks = new Map<string, number>()

  get inBackfill(): boolean {
    return this.backfill !== undefined
  }

  record(record: ControlRecord): void {
    const { writer } = record
    const last = this.ticks.get(writer)
    if (record.record === 'writer.open') this.ticks.set(writer, Number.NEGATIVE_INFINITY)
    if (record.record === 'writer.close') this.ticks.delete(writer)
    if (record.record === 'backfill.begin') this.backfill ??= writer
    if (record.record === 'backfill.end') this.end(record)
    if (record.record === 'tick' && last !== undefined) this.ticks.set(writer, Math.max(last, instantOf(record.time)))
    if (!this.inBackfill && this.ticks.size > 0) this.moveTo(Math.min(...this.ticks.values()))
  }

  /** A row of a backfill is followed by an implied tick at its arrival. */
  row(arrival: number): void {
    if (this.inBackfill) this.moveTo(arrival)
  }

  /** An end without a beginning ends nothing. */
  private end({ writer, time }: ControlRecord): void {
    if (this.backfill !== writer) return
    this.backfill = undefined
    this.historyUntil = Math.max(this.historyUntil, instantOf(time))
  }

  private moveTo(time: number): void {
    this.now = Math.max(this.now, time)
  }
}
