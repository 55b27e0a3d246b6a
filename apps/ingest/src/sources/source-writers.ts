import { setTimeout as sleep } from 'node:timers/promises'
import { type ControlRecord, formatInstant, type Instant, RondoError } from '#contracts'
import { type LogWriter, PartitionedLines, sourceSign, sourceWriter, type WriterRegistry } from '#event-log'
import type { Clock } from '#runtime'
import type { MappedRecord } from '#sources'
import type { PartitionQueue } from '../partition-queue.ts'

/** Others speak of who has not signed for 5 s. */
const SIGN_MS = 2_500
const RETRY_MS = 500

/** What a partition of a source says of itself at a beat. */
export interface SourceState {
  readonly readUntil: Instant | undefined
  readonly isWell: boolean
}

export interface SourceWritersOptions {
  /** One for each partition of the log, shared with the door: what a process writes goes together. */
  readonly queues: readonly PartitionQueue[]
  readonly refusals: LogWriter
  readonly registry: WriterRegistry
  readonly clock: Clock
  readonly onAlarm: (text: string) => void
}

/**
 * Each partition of a source is a writer of the log of its own (rule 2), whichever process reads it at the time: it stays open when
 * that process dies, and holds time until another has taken the partition over and read it to where it was. What a tick says is true
 * whoever wrote it, so that one written by a process that has just lost the partition does no harm.
 */
export class SourceWriters {
  readonly #options: SourceWritersOptions
  readonly #queues: readonly PartitionQueue[]
  readonly #open = new Set<string>()
  readonly #signed = new Map<string, Instant>()
  #isClosed = false

  constructor(options: SourceWritersOptions) {
    this.#options = options
    this.#queues = options.queues
  }

  /**
   * Signs for those that nobody stands for, and opens all of them. Before the door's first tick: a new log must not have passed what the
   * source still holds. One that is open already makes time wait for its next tick, no more.
   */
  async open(writers: readonly string[]): Promise<void> {
    const standing = await this.#standing()
    // Signed for first, so that nothing is open in the log that nobody could close.
    for (const writer of writers) if (!standing.has(writer)) await this.#sign(writer, true)
    await this.#putEverywhere(writers.map((writer) => this.#record('writer.open', writer)))
  }

  /** Resolves once all of it is durable. */
  async write({ events, quarantine }: MappedRecord): Promise<void> {
    const now = this.#options.clock.now()
    const lines = new PartitionedLines(this.#queues.length)
    for (const event of events) lines.add(event.actor.id, JSON.stringify(event))
    const writes = lines.take().map(([partition, of]) => (this.#queues[partition] as PartitionQueue).put(of, now))
    if (quarantine.length > 0) writes.push(this.#refuse(quarantine.map((record) => JSON.stringify(record))))
    await Promise.all(writes)
  }

  /** Signs, and opens again what others have closed. To be called each second. @throws RondoError */
  async beat(states: ReadonlyMap<string, SourceState>): Promise<void> {
    const { standing, withdrawn } = await this.#options.registry.read()
    const names = new Set(standing.map(({ writer }) => writer))
    for (const [writer, { isWell }] of states) {
      const isGone = !names.has(writer) || withdrawn.has(writer)
      // Signed for first, so that nothing is open in the log that nobody could close.
      if (isGone || isWell) await this.#sign(writer, isGone)
      if (isGone) await this.#putEverywhere([this.#record('writer.open', writer)])
      this.#open.add(writer)
    }
  }

  /**
   * A tick of each as far as was read, also where the last one said the same: it may not have been written. Only of those that have been
   * found open here, since nobody waits for a tick before.
   */
  ticks(states: ReadonlyMap<string, SourceState>): string[] {
    return [...states].flatMap(([writer, { readUntil }]) =>
      readUntil === undefined || !this.#open.has(writer) ? [] : [this.#record('tick', writer, readUntil)],
    )
  }

  /** Closes the writers of a source that is read no more. */
  async retire(source: string): Promise<void> {
    const prefix = sourceWriter(source, 0).slice(0, -1)
    for (const writer of await this.#standing()) {
      if (!writer.startsWith(prefix)) continue
      await this.#putEverywhere([this.#record('writer.close', writer)])
      await this.#options.registry.withdraw(writer)
    }
  }

  /** The writers stay open: another process goes on, or this one when it is started again. */
  close(): void {
    this.#isClosed = true
  }

  async #standing(): Promise<Set<string>> {
    const { standing } = await this.#options.registry.read()
    return new Set(standing.map(({ writer }) => writer))
  }

  async #sign(writer: string, isUrgent: boolean): Promise<void> {
    const time = this.#options.clock.now()
    if (!isUrgent && time - (this.#signed.get(writer) ?? Number.NEGATIVE_INFINITY) < SIGN_MS) return
    await this.#options.registry.sign(sourceSign(writer, time))
    this.#signed.set(writer, time)
  }

  async #putEverywhere(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return
    const now = this.#options.clock.now()
    await Promise.all(this.#queues.map((queue) => queue.put(lines, now)))
  }

  /** A refusal that is not written would be a record skipped in silence. */
  async #refuse(records: readonly string[]): Promise<void> {
    const { refusals, onAlarm } = this.#options
    for (;;) {
      try {
        await refusals.append(0, records)
        return
      } catch (failure) {
        if (this.#isClosed || !(failure instanceof RondoError && failure.retriable)) throw failure
        onAlarm(failure.message)
      }
      await sleep(RETRY_MS)
    }
  }

  #record(record: 'tick' | 'writer.open' | 'writer.close', writer: string, time = this.#options.clock.now()): string {
    return JSON.stringify({ record, writer, time: formatInstant(time) } satisfies ControlRecord)
  }
}
