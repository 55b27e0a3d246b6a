import { type ControlRecord, formatInstant, type Instant } from '#contracts'
import { sourceHeartbeat, sourceWriter, type WriterRegistry } from '#event-log'
import type { MappedRecord } from '#sources'
import { admitted, type IngestLog } from '../admission/ingest-log.ts'

/** Other processes report a writer that has sent no heartbeat for 5 s. */
const HEARTBEAT_MS = 2_500

/** The state of a partition of a source at a beat. */
export interface SourceState {
  readonly readUntil: Instant | undefined
  readonly isWell: boolean
}

export interface SourceWritersOptions {
  /** The same log as for admission, so that one frame holds what a process writes. */
  readonly log: IngestLog
  readonly registry: WriterRegistry
}

/**
 * Each partition of a source is a separate writer of the log (rule 2), independent of the process that reads it. The writer stays open when
 * the process dies, and holds time until another process continues the reading. A tick is true for any process that writes it, so a tick
 * of a process that has just lost the partition is harmless.
 */
export class SourceWriters {
  readonly #options: SourceWritersOptions
  readonly #open = new Set<string>()
  readonly #heartbeatsAt = new Map<string, Instant>()

  constructor(options: SourceWritersOptions) {
    this.#options = options
  }

  /**
   * Sends heartbeats for the writers that are not live, and opens all writers, before the first tick of the process: time in a new log must
   * not pass records that are still in the source. To open a writer again only makes time wait for its next tick.
   */
  async open(writers: readonly string[]): Promise<void> {
    const live = await this.#live()
    // The heartbeat comes first, so that others can close every writer that is open in the log.
    for (const writer of writers) if (!live.has(writer)) await this.#heartbeat(writer, true)
    await this.#announce(writers.map((writer) => this.#record('writer.open', writer)))
  }

  /** Resolves when all of it is durable. */
  async write({ events, quarantine }: MappedRecord): Promise<void> {
    await this.#options.log.append(admitted(events, quarantine, this.#now))
  }

  /** Sends heartbeats, and opens writers again that others have closed. To be called each second. @throws RondoError */
  async beat(states: ReadonlyMap<string, SourceState>): Promise<void> {
    const { live, withdrawn } = await this.#options.registry.read()
    const names = new Set(live.map(({ writer }) => writer))
    for (const [writer, { isWell }] of states) {
      const isGone = !names.has(writer) || withdrawn.has(writer)
      // The heartbeat comes first, so that others can close every writer that is open in the log.
      if (isGone || isWell) await this.#heartbeat(writer, isGone)
      if (isGone) await this.#announce([this.#record('writer.open', writer)])
      this.#open.add(writer)
    }
  }

  /**
   * A tick for each writer that this process has found open, with the time up to which its partition was read. The time may be that of the last
   * tick, because that tick may not have been written. Log time does not wait for other writers.
   */
  ticks(states: ReadonlyMap<string, SourceState>): string[] {
    return [...states].flatMap(([writer, { readUntil }]) =>
      readUntil === undefined || !this.#open.has(writer) ? [] : [JSON.stringify(this.#record('tick', writer, readUntil))],
    )
  }

  /** Closes the writers of a retired source. */
  async retire(source: string): Promise<void> {
    const prefix = sourceWriter(source, 0).slice(0, -1)
    for (const writer of await this.#live()) {
      if (!writer.startsWith(prefix)) continue
      await this.#announce([this.#record('writer.close', writer)])
      await this.#options.registry.withdraw(writer)
    }
  }

  async #live(): Promise<Set<string>> {
    const { live } = await this.#options.registry.read()
    return new Set(live.map(({ writer }) => writer))
  }

  get #now(): Instant {
    return this.#options.log.clock.now()
  }

  async #heartbeat(writer: string, isUrgent: boolean): Promise<void> {
    const time = this.#now
    if (!isUrgent && time - (this.#heartbeatsAt.get(writer) ?? Number.NEGATIVE_INFINITY) < HEARTBEAT_MS) return
    await this.#options.registry.heartbeat(sourceHeartbeat(writer, time))
    this.#heartbeatsAt.set(writer, time)
  }

  async #announce(records: readonly ControlRecord[]): Promise<void> {
    await this.#options.log.announce(records, this.#now)
  }

  #record(record: 'tick' | 'writer.open' | 'writer.close', writer: string, time = this.#now): ControlRecord {
    return { record, writer, time: formatInstant(time) }
  }
}
