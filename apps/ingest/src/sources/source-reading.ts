import type { SourceDefinition } from '#contracts'
import { sourceWriter, type TopicSource, type TopicSourcePartition } from '#event-log'
import { anyFailure, retry } from '#runtime'
import { type EventCheck, recordMapper } from '#sources'
import type { IngestLog } from '../admission/ingest-log.ts'
import { PartitionReading, type PartitionReadingOptions } from './partition-reading.ts'

/** The pause between two attempts to join the group of the source. */
const JOIN_MS = 1_000

/** How the partitions of a source are read. */
export interface SourceReadingOptions {
  readonly topic: TopicSource
  readonly log: Pick<IngestLog, 'clock'>
  /** Refuses events that were read. */
  readonly check?: EventCheck
  readonly onAlarm: (text: string) => void
  /** Resolves when all of it is durable. */
  readonly write: PartitionReadingOptions['write']
  /** Throws if nothing may be written now. */
  readonly mayWrite: () => void
}

/** One source, as far as this process reads it. */
export class SourceReading {
  readonly definition: SourceDefinition
  readonly #options: SourceReadingOptions
  readonly #end = new AbortController()
  readonly #readings = new Map<number, PartitionReading>()
  #stopping: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(definition: SourceDefinition, options: SourceReadingOptions) {
    this.definition = definition
    this.#options = options
  }

  /** The writers of all its partitions. @throws RondoError RONDO_SOURCE_BROKEN, RONDO_SOURCES_INVALID, RONDO_LOG_UNAVAILABLE */
  async writers(): Promise<string[]> {
    const count = await this.#options.topic.partitions()
    return Array.from({ length: count }, (_, partition) => sourceWriter(this.definition.name, partition))
  }

  /** The partitions that this process reads. */
  get partitions(): ReadonlyMap<number, PartitionReading> {
    return this.#readings
  }

  /** Joins the group of the source, after `before`; both are tried until they succeed. */
  start(before: () => Promise<void> = async () => {}): void {
    const { topic, onAlarm } = this.#options
    const readers = {
      assigned: (partition: TopicSourcePartition) => this.#begin(partition),
      revoked: (partition: number) => this.#leave(partition),
    }
    const join = async (): Promise<void> => {
      await before()
      if (!this.#end.signal.aborted) await topic.read(readers)
    }
    const onFailure = (error: Error): void => onAlarm(error.message)
    void retry(join, { pauseMs: JOIN_MS, signal: this.#end.signal, retryOn: anyFailure, onFailure })
  }

  /** Completes pending writes, commits the position, and leaves the group. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Leaves the group at once: others read what was not committed again. */
  async abandon(): Promise<void> {
    this.#end.abort()
    for (const partition of [...this.#readings.keys()]) this.#leave(partition)
    await this.#close()
  }

  async #stop(): Promise<void> {
    this.#end.abort()
    await Promise.all([...this.#readings.values()].map((reading) => reading.stop()))
    this.#readings.clear()
    await this.#close()
  }

  #close(): Promise<void> {
    this.#closing ??= this.#options.topic.close()
    return this.#closing
  }

  #begin(partition: TopicSourcePartition): void {
    if (this.#end.signal.aborted) return
    const { write, mayWrite, check, log, onAlarm } = this.#options
    const { definition } = this
    const map = recordMapper(definition, check)
    this.#readings.set(
      partition.partition,
      new PartitionReading({ partition, start: definition.start, map, write, check: mayWrite, clock: log.clock, onAlarm }),
    )
  }

  #leave(partition: number): void {
    void this.#readings.get(partition)?.stop()
    this.#readings.delete(partition)
  }
}
