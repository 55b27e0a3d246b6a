import { type ActivityEvent, type ControlRecord, formatInstant, type QuarantineRecord } from '#contracts'
import { type Clock, randomId } from '#runtime'
import type { LogWriter } from '../event-log.ts'
import { appendLines, PartitionedLines } from './partitioned-lines.ts'

export interface LogHistoryOptions {
  readonly writer: LogWriter
  /** A frame is one refused record. */
  readonly refusals: LogWriter
  readonly clock: Clock
}

/**
 * A history written into a log of several partitions before anything else is in it, between `backfill.begin` and `backfill.end` of each
 * (SEMANTICS rule 3). What was cut off cannot be gone on with: a log says nothing of how far it came, so a new one has to be begun.
 */
export class LogHistory {
  readonly #writer: LogWriter
  readonly #refusals: LogWriter
  readonly #clock: Clock
  readonly #name = randomId()

  constructor({ writer, refusals, clock }: LogHistoryOptions) {
    this.#writer = writer
    this.#refusals = refusals
    this.#clock = clock
  }

  async begin(): Promise<void> {
    await this.#tellAll('backfill.begin')
  }

  /** Rows in the order of their arrival. They are durable when this resolves. */
  async put(rows: readonly ActivityEvent[], quarantine: readonly QuarantineRecord[]): Promise<void> {
    const lines = new PartitionedLines(this.#writer.partitions)
    for (const row of rows) lines.add(row.actor.id, JSON.stringify(row))
    const refused = quarantine.map((record) => JSON.stringify(record))
    await Promise.all([appendLines(this.#writer, lines), refused.length === 0 ? undefined : this.#refusals.append(0, refused)])
  }

  async end(): Promise<void> {
    await this.#tellAll('backfill.end')
  }

  async #tellAll(record: 'backfill.begin' | 'backfill.end'): Promise<void> {
    const lines = new PartitionedLines(this.#writer.partitions)
    lines.addToAll(JSON.stringify({ record, writer: this.#name, time: formatInstant(this.#clock.now()) } satisfies ControlRecord))
    await appendLines(this.#writer, lines)
  }
}
