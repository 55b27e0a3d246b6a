import { type ActivityEvent, type ControlRecord, formatInstant, type QuarantineRecord, RondoError } from '#contracts'
import { type Clock, randomId } from '#runtime'
import type { LogWriter } from '../event-log.ts'
import { type Addresses, appendLines, PartitionedLines } from './partitioned-lines.ts'

/** Where a {@link LogHistory} writes. */
export interface LogHistoryOptions {
  readonly writer: LogWriter
  /** For quarantine: a frame is one refused record. */
  readonly refusals: LogWriter
  readonly clock: Clock
  /** The actors that rows name, for the cycles that run. */
  readonly addresses?: Addresses | undefined
}

/**
 * A history written into an empty log of several partitions, between `backfill.begin` and `backfill.end` of each
 * (rule 3). An interrupted import cannot be continued: the log does not record how many rows it has, so a new import is needed.
 */
export class LogHistory {
  readonly #writer: LogWriter
  readonly #refusals: LogWriter
  readonly #clock: Clock
  readonly #addresses: Addresses | undefined
  readonly #name = randomId()

  constructor({ writer, refusals, clock, addresses }: LogHistoryOptions) {
    this.#addresses = addresses
    this.#writer = writer
    this.#refusals = refusals
    this.#clock = clock
  }

  /** @throws RondoError RONDO_LOG_NOT_EMPTY */
  async begin(): Promise<void> {
    const offsets = await this.#appendToAll('backfill.begin')
    if (offsets.some((offset) => offset > 0))
      throw new RondoError(
        'RONDO_LOG_NOT_EMPTY',
        'Others have begun to write to the log: history must be imported before anything else. Import into topics of another --prefix, and start the apps with it when the import is done.',
      )
  }

  /** Writes rows in the order of their arrival. Resolves when they are durable. */
  async put(rows: readonly ActivityEvent[], quarantine: readonly QuarantineRecord[]): Promise<void> {
    const lines = new PartitionedLines(this.#writer.partitions, this.#addresses)
    for (const row of rows) lines.addEvent(row, JSON.stringify(row))
    const refused = quarantine.map((record) => JSON.stringify(record))
    await Promise.all([appendLines(this.#writer, lines), refused.length === 0 ? undefined : this.#refusals.append(0, refused)])
  }

  async end(): Promise<void> {
    await this.#appendToAll('backfill.end')
  }

  /** @returns the offset in each partition */
  #appendToAll(record: 'backfill.begin' | 'backfill.end'): Promise<number[]> {
    const line = JSON.stringify({ record, writer: this.#name, time: formatInstant(this.#clock.now()) } satisfies ControlRecord)
    return Promise.all(Array.from({ length: this.#writer.partitions }, (_, partition) => this.#writer.append(partition, [line])))
  }
}
