import { type ControlRecord, instantOf } from '#contracts'

/** Log time T of one partition (rules 1 to 3). */
export class LogTime {
  now = Number.NEGATIVE_INFINITY
  /** The end of the newest backfill: outputs of earlier deadlines are history. */
  historyUntil = Number.NEGATIVE_INFINITY
  private backfill: string | undefined
  /** The greatest tick of each open writer; minus infinity before its first one. */
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

  /** Each row of a backfill implies a tick at its arrival. */
  row(arrival: number): void {
    if (this.inBackfill) this.moveTo(arrival)
  }

  /** An end without a begin has no effect. */
  private end({ writer, time }: ControlRecord): void {
    if (this.backfill !== writer) return
    this.backfill = undefined
    this.historyUntil = Math.max(this.historyUntil, instantOf(time))
  }

  private moveTo(time: number): void {
    this.now = Math.max(this.now, time)
  }
}
