import { type ControlRecord, instantOf } from '#contracts'

/** Log time T of one partition (SEMANTICS rules 1 to 3). */
export class LogTime {
  now = Number.NEGATIVE_INFINITY
  inBackfill = false
  /** The greatest tick of each open writer; minus infinity until its first: T waits for it. */
  private readonly ticks = new Map<string, number>()

  record(record: ControlRecord): void {
    const { writer } = record
    const last = this.ticks.get(writer)
    if (record.record === 'writer.open') this.ticks.set(writer, Number.NEGATIVE_INFINITY)
    if (record.record === 'writer.close') this.ticks.delete(writer)
    if (record.record === 'backfill.begin') this.inBackfill = true
    if (record.record === 'backfill.end') this.inBackfill = false
    if (record.record === 'tick' && last !== undefined) this.ticks.set(writer, Math.max(last, instantOf(record.time)))
    if (!this.inBackfill && this.ticks.size > 0) this.moveTo(Math.min(...this.ticks.values()))
  }

  /** A row of a backfill is followed by an implied tick at its arrival. */
  row(arrival: number): void {
    if (this.inBackfill) this.moveTo(arrival)
  }

  private moveTo(time: number): void {
    this.now = Math.max(this.now, time)
  }
}
