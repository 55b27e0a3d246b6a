import { RondoError, type SourceDefinition } from '#contracts'
import { sourceWriter, type TopicSource, type TopicSourcePartition, type WriterRegistry } from '#event-log'
import { anyFailure, poll, retry, untilAborted } from '#runtime'
import { type EventCheck, type MappedRecord, recordMapper } from '#sources'
import type { IngestLog } from '../admission/ingest-log.ts'
import { PartitionReading } from './partition-reading.ts'
import { SourceWriters } from './source-writers.ts'

const BEAT_MS = 1_000
/** The time that pending writes have when the process ends; the next process reads the rest again. */
const CLOSE_MS_MAX = 5_000
/** A source that holds time for longer than this is reported. */
const LAG_MS = 60_000

export interface SourcesOptions {
  readonly definitions: readonly SourceDefinition[]
  /** The topic of a source, shared by all ingest processes. */
  readonly topicOf: (definition: SourceDefinition) => TopicSource
  readonly log: IngestLog
  /** A registry of its own, since each reader of one gets withdrawn writers once. */
  readonly registry: WriterRegistry
  /** Refuses events that were read. */
  readonly check?: EventCheck
  readonly onAlarm: (text: string) => void
}

export interface SourcesSurroundings {
  /** Throws if nothing may be written now: the clock is wrong, or the log cannot be reached. */
  readonly check: () => void
  /** Called with events that are durable. */
  readonly onTaken: (records: MappedRecord) => void
}

/** How far a partition of a source is read. */
export interface ReadingStatus extends Pick<PartitionReading, 'readUntil' | 'isWell' | 'lagRecords'> {
  readonly source: string
  readonly partition: number
}

/** All topics of other systems that this process reads. */
export class Sources {
  readonly #options: SourcesOptions
  readonly #writers: SourceWriters
  readonly #topics = new Map<SourceDefinition, TopicSource>()
  readonly #readings = new Map<string, PartitionReading>()
  /** The source and the partition of each reading. */
  readonly #places = new Map<PartitionReading, Pick<ReadingStatus, 'source' | 'partition'>>()
  #surroundings: SourcesSurroundings = { check() {}, onTaken() {} }
  readonly #end = new AbortController()
  #unretired: readonly SourceDefinition[]
  #beating: Promise<void> = Promise.resolve()

  constructor(options: SourcesOptions) {
    this.#options = options
    this.#writers = new SourceWriters(options)
    for (const definition of options.definitions) if (!definition.retired) this.#topics.set(definition, options.topicOf(definition))
    this.#unretired = options.definitions.filter(({ retired }) => retired)
  }

  /** To be awaited before requests are accepted. @throws RondoError RONDO_SOURCE_BROKEN, RONDO_LOG_UNAVAILABLE */
  async prepare(): Promise<void> {
    const writers: string[] = []
    for (const [{ name }, topic] of this.#topics) {
      for (let partition = (await topic.partitions()) - 1; partition >= 0; partition--) writers.push(sourceWriter(name, partition))
    }
    await this.#writers.open(writers)
  }

  /** Ticks of the partitions that this process reads, to be written together with its own. */
  ticks(): string[] {
    return this.#writers.ticks(this.#readings)
  }

  /** How far the partitions that this process reads are read. */
  get statuses(): readonly ReadingStatus[] {
    return [...this.#places].map(([{ readUntil, isWell, lagRecords }, place]) => ({ ...place, readUntil, isWell, lagRecords }))
  }

  start(surroundings: SourcesSurroundings): void {
    this.#surroundings = surroundings
    for (const [definition, topic] of this.#topics) void this.#join(definition, topic)
    const onFailure = (error: unknown): void => this.#noteFailure(error)
    this.#beating = poll(() => this.#beat(), { pauseMs: BEAT_MS, signal: this.#end.signal, onFailure })
  }

  /** Completes pending writes and leaves the groups. */
  async close(): Promise<void> {
    this.#end.abort()
    const ends = Promise.all([this.#beating, ...[...this.#readings.values()].map((reading) => reading.stop())])
    await untilAborted(ends, AbortSignal.timeout(CLOSE_MS_MAX))
    await Promise.all([...this.#topics.values()].map((topic) => topic.close()))
    await this.#options.registry.close()
  }

  async #join(definition: SourceDefinition, topic: TopicSource): Promise<void> {
    const readers = {
      assigned: (partition: TopicSourcePartition) => this.#begin(definition, partition),
      revoked: (partition: number) => this.#stop(sourceWriter(definition.name, partition)),
    }
    const onFailure = (error: Error): void => this.#options.onAlarm(error.message)
    await retry(() => topic.read(readers), { pauseMs: BEAT_MS, signal: this.#end.signal, retryOn: anyFailure, onFailure })
  }

  #begin(definition: SourceDefinition, partition: TopicSourcePartition): void {
    if (this.#end.signal.aborted) return
    const reading = new PartitionReading({
      partition,
      start: definition.start,
      map: recordMapper(definition, this.#options.check),
      write: async (mapped) => {
        await this.#writers.write(mapped)
        this.#surroundings.onTaken(mapped)
      },
      check: () => this.#surroundings.check(),
      clock: this.#options.log.clock,
      onAlarm: this.#options.onAlarm,
    })
    this.#readings.set(sourceWriter(definition.name, partition.partition), reading)
    this.#places.set(reading, { source: definition.name, partition: partition.partition })
  }

  #stop(writer: string): void {
    const reading = this.#readings.get(writer)
    if (reading === undefined) return
    void reading.stop()
    this.#readings.delete(writer)
    this.#places.delete(reading)
  }

  async #beat(): Promise<void> {
    this.#surroundings.check()
    for (const { name } of this.#unretired) await this.#writers.retire(name)
    this.#unretired = []
    await this.#writers.beat(this.#readings)
    this.#reportLag()
  }

  #noteFailure(error: unknown): void {
    this.#options.onAlarm((error as Error).message)
    // Other processes, whose clock is right, take over.
    if (error instanceof RondoError && error.code === 'RONDO_CLOCK_OFF') void this.#leave()
  }

  async #leave(): Promise<void> {
    this.#end.abort()
    for (const writer of [...this.#readings.keys()]) this.#stop(writer)
    await Promise.all([...this.#topics.values()].map((topic) => topic.close()))
  }

  #reportLag(): void {
    const now = this.#options.log.clock.now()
    for (const [writer, { readUntil, isWell }] of this.#readings) {
      if (isWell && readUntil !== undefined && now - readUntil > LAG_MS) {
        this.#options.onAlarm(`Time is held by ${writer}, which is more than ${LAG_MS / 1000} s behind the end of its topic and is being read.`)
      }
    }
  }
}
