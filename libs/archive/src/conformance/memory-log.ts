import type { LogRecord } from '#event-log'
import type { ArchivedLog } from '../archived-log.ts'

/** A log in memory for tests: its records can be removed from its beginning, and its reading can fail. */
export class MemoryLog implements ArchivedLog {
  readonly name = { folder: 'test' }
  readonly partitions = 1
  kept: LogRecord[]
  /** After so many records the reading throws, as if the process had been killed there. */
  failsAfter = Number.POSITIVE_INFINITY

  constructor(records: readonly LogRecord[]) {
    this.kept = [...records]
  }

  async bounds(): Promise<{ begin: number; end: number }> {
    return { begin: this.kept[0]?.offset ?? 0, end: (this.kept.at(-1)?.offset ?? -1) + 1 }
  }

  async *records(_partition: number, from: number): AsyncGenerator<LogRecord> {
    let read = 0
    for (const record of this.kept) {
      if (record.offset < from) continue
      if (read++ >= this.failsAfter) throw new RangeError('the reading is interrupted here')
      yield record
    }
  }
}
