import { RondoError, type SourceDefinition } from '#contracts'
import { sourceWriter, type TopicSource, type WriterRegistry } from '#event-log'
import type { PreparedChange } from '#process'
import { poll, untilAborted } from '#runtime'
import type { EventCheck, MappedRecord } from '#sources'
import type { IngestLog } from '../admission/ingest-log.ts'
import type { PartitionReading } from './partition-reading.ts'
import { type SourceChange, sourceChanges } from './source-changes.ts'
import { identityDefect } from './source-identity.ts'
import { SourceReading } from './source-reading.ts'
import { SourceWriters } from './source-writers.ts'

const BEAT_MS = 1_000
/** The time that pending writes have when the process ends, or when a source is changed; what is not committed then is read again. */
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

/** A source of a reload that is not read yet. */
interface PreparedSource {
  readonly source: SourceReading
  readonly writers: readonly string[]
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
  #definitions: readonly SourceDefinition[]
  /** How each source was read last, also if it is retired or removed since: other processes may still read it so. */
  readonly #lastRead = new Map<string, SourceDefinition>()
  /** Those that are read, by their names. */
  readonly #sources = new Map<string, SourceReading>()
  /** The last change of each source that was changed: changes of one source follow each other. */
  readonly #turns = new Map<string, Promise<void>>()
  #surroundings: SourcesSurroundings = { check() {}, onTaken() {} }
  readonly #end = new AbortController()
  #unretired: readonly SourceDefinition[]
  #beating: Promise<void> = Promise.resolve()

  constructor(options: SourcesOptions) {
    this.#options = options
    this.#writers = new SourceWriters(options)
    this.#definitions = options.definitions
    for (const definition of options.definitions) {
      if (definition.retired) continue
      this.#lastRead.set(definition.name, definition)
      this.#sources.set(definition.name, this.#newSource(definition))
    }
    this.#unretired = options.definitions.filter(({ retired }) => retired)
  }

  /** To be awaited before requests are accepted. @throws RondoError RONDO_SOURCE_BROKEN, RONDO_LOG_UNAVAILABLE */
  async prepare(): Promise<void> {
    const writers: string[] = []
    for (const source of this.#sources.values()) writers.push(...(await source.writers()))
    if (writers.length > 0) await this.#writers.open(writers)
  }

  /** Ticks of the partitions that this process reads, to be written together with its own. */
  ticks(): string[] {
    return this.#writers.ticks(this.#readings)
  }

  /** How far the partitions that this process reads are read. */
  get statuses(): readonly ReadingStatus[] {
    return [...this.#sources].flatMap(([source, { partitions }]) =>
      [...partitions].map(([partition, { readUntil, isWell, lagRecords }]) => ({ source, partition, readUntil, isWell, lagRecords })),
    )
  }

  start(surroundings: SourcesSurroundings): void {
    this.#surroundings = surroundings
    for (const source of this.#sources.values()) source.start()
    const onFailure = (error: unknown): void => this.#noteFailure(error)
    this.#beating = poll(() => this.#beat(), { pauseMs: BEAT_MS, signal: this.#end.signal, onFailure })
  }

  /**
   * Compares other sources with those that are read, and checks the topics of those that differ. Nothing changes until it is applied: then what is removed or
   * changed is read to the end of its pending writes, and its position is committed, before it is read with its new definition.
   * @returns undefined if nothing differs
   * @throws RondoError RONDO_SOURCES_INVALID with what is wrong with each topic
   */
  async prepareChange(next: readonly SourceDefinition[]): Promise<PreparedChange | undefined> {
    const changes = sourceChanges(this.#definitions, next)
    if (changes.length === 0) return undefined
    const prepared = new Map<string, PreparedSource>()
    const discard = async (): Promise<void> => {
      await Promise.all([...prepared.values()].map(({ source }) => source.stop()))
    }
    const defects: string[] = []
    for (const { next: definition } of changes) {
      if (definition === undefined || definition.retired) continue
      const source = await this.#prepareSource(definition)
      if (typeof source === 'string') defects.push(source)
      else prepared.set(definition.name, source)
    }
    if (defects.length > 0) {
      await discard()
      throw new RondoError('RONDO_SOURCES_INVALID', defects.join('\n'))
    }
    return {
      changes: changes.map(({ name, change }) => ({ name: `source ${name}`, change })),
      apply: async () => {
        this.#definitions = next
        for (const definition of next) if (!definition.retired) this.#lastRead.set(definition.name, definition)
        await Promise.all(changes.map((change) => this.#apply(change, prepared.get(change.name))))
      },
      discard,
    }
  }

  /** Completes pending writes and leaves the groups. */
  async close(): Promise<void> {
    this.#end.abort()
    const ends = Promise.all([this.#beating, ...[...this.#sources.values()].map((source) => source.stop())])
    await untilAborted(ends, AbortSignal.timeout(CLOSE_MS_MAX))
    await Promise.all([...this.#sources.values()].map((source) => source.abandon()))
    await this.#options.registry.close()
  }

  /** @returns what is wrong with it, as a text */
  async #prepareSource(definition: SourceDefinition): Promise<PreparedSource | string> {
    const lastRead = this.#lastRead.get(definition.name)
    const defect = lastRead && identityDefect(lastRead, definition)
    if (defect !== undefined) return defect
    const source = this.#newSource(definition)
    try {
      return { source, writers: await source.writers() }
    } catch (failure) {
      await source.stop()
      return `source ${definition.name}: ${(failure as Error).message}`
    }
  }

  /** The old reading ends first, however long that takes: two readings of one partition would write records twice, under two ids where those have changed. */
  async #apply({ name, next }: SourceChange, prepared: PreparedSource | undefined): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(async () => {
      await this.#sources.get(name)?.stop()
      this.#sources.delete(name)
      if (this.#end.signal.aborted) return prepared?.source.stop()
      if (prepared !== undefined) {
        this.#sources.set(name, prepared.source)
        prepared.source.start(() => this.#writers.open(prepared.writers))
      }
      if (next?.retired) this.#unretired = [...this.#unretired, next]
    })
    this.#turns.set(name, turn)
    await untilAborted(turn, AbortSignal.timeout(CLOSE_MS_MAX))
  }

  #newSource(definition: SourceDefinition): SourceReading {
    const { log, check, onAlarm, topicOf } = this.#options
    return new SourceReading(definition, {
      topic: topicOf(definition),
      log,
      onAlarm,
      ...(check !== undefined && { check }),
      mayWrite: () => this.#surroundings.check(),
      write: async (mapped) => {
        await this.#writers.write(mapped)
        this.#surroundings.onTaken(mapped)
      },
    })
  }

  /** What this process reads, by the writer of each partition. */
  get #readings(): ReadonlyMap<string, PartitionReading> {
    return new Map(
      [...this.#sources].flatMap(([name, { partitions }]) => [...partitions].map(([partition, reading]) => [sourceWriter(name, partition), reading])),
    )
  }

  async #beat(): Promise<void> {
    if (this.#sources.size + this.#unretired.length === 0) return
    this.#surroundings.check()
    for (const retired of this.#unretired) {
      await this.#writers.retire(retired.name)
      this.#unretired = this.#unretired.filter((other) => other !== retired)
    }
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
    await Promise.all([...this.#sources.values()].map((source) => source.abandon()))
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
