import { type ControlRecord, formatInstant, type Instant } from '#contracts'
import { sourceHeartbeat, sourceWriter, type WriterRegistry } from '#event-log'
import type { MappedRecord } from '#sources'
import { admitted, type IngestLog } from '../ingest-log.ts'

/** Others warn of a writer without a heartbeat for 5 s. */
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
 * Each partition of a source is a writer of the log of its own (rule 2), whichever process reads it: it stays open when
 * that process dies, and holds time until another process has taken over the partition and read on. A tick is true
 * whichever process wrote it, so a tick of a process that has just lost the partition is harmless.
 */
export class SourceWriters {
  readonly #options: SourceWritersOptions
  readonly #open = new Set<string>()
  readonly #heartbeatsAt = new Map<string, Instant>()

  constructor(options: SourceWritersOptions) {
    this.#options = options
  }

  /**
   * Sends heartbeats for those that are not live, and opens all of them, before the first tick of the process: time in a new log must not pass records that the
   * source still holds. Opening one that is open already only makes time wait for its next tick.
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
   * A tick for each, up to the time to which it was read, also if the last one had the same time: it may not have been written. Only for those
   * that this process has found open, since log time waits for no others.
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
