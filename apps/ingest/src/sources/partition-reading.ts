import { formatInstant, type Instant, type QuarantineRecord, RondoError } from '#contracts'
import type { TopicRecord, TopicSourcePartition } from '#event-log'
import { anyFailure, type Clock, pause, retry } from '#runtime'
import type { MappedRecord, RecordMapper } from '#sources'

/** The size of one request to the broker, and how long it waits for new records. */
const LIMITS = { bytesMax: 1 << 20, waitMs: 500 }
/** The first pause after a failure, and the longest: each is twice as long as the one before. */
const PAUSE_MS_MIN = 100
const PAUSE_MS_MAX = 2_000
/** The position is committed this often: after a crash the records of this time are read again. */
const COMMIT_MS = 1_000
/** After this number of empty answers in a row, compaction must have removed the records that the broker still reports. */
const EMPTY_MAX = 20

/** The methods of a {@link TopicSourcePartition} that are used here. */
export type ReadPartition = Pick<TopicSourcePartition, 'topic' | 'partition' | 'committed' | 'commit' | 'bounds' | 'read'>

/** One partition of a source, how its records become events, and where these are written. */
export interface PartitionReadingOptions {
  readonly partition: ReadPartition
  readonly start: 'beginning' | 'end'
  readonly map: RecordMapper
  /** Resolves when all of it is durable. */
  readonly write: (mapped: MappedRecord) => Promise<void>
  /** @throws RondoError if nothing may be written now */
  readonly check: () => void
  readonly clock: Clock
  readonly onAlarm: (text: string) => void
}

/**
 * Reads one partition of a source, at least once: the position is committed only after its events and refusals are durable. So a process that
 * dies leaves some records to be read again; their events have the same ids.
 */
export class PartitionReading {
  readonly #options: PartitionReadingOptions
  #readUntil: Instant | undefined
  #isWell = false
  readonly #end = new AbortController()
  #next = 0
  #endOfTopic = 0
  #empty = 0
  #committed: number | undefined
  #committedAt: Instant = Number.NEGATIVE_INFINITY
  /** The end of the partition at a time. When all records before this end are written, every record that came before this time is written. */
  #mark: { readonly offset: number; readonly at: Instant } | undefined
  readonly #running: Promise<void>

  constructor(options: PartitionReadingOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** All that arrived before this time is durable; undefined while that is not known. */
  get readUntil(): Instant | undefined {
    return this.#readUntil
  }

  /** The records that are not written yet, as of the last read; 0 before it. */
  get lagRecords(): number {
    return Math.max(0, this.#endOfTopic - this.#next)
  }

  /** Whether the last attempt to read went well. */
  get isWell(): boolean {
    return this.#isWell
  }

  /** Resolves when nothing more is written. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    await this.#retry(async () => {
      this.#next = await this.#beginning()
    })
    while (!this.#end.signal.aborted) await this.#retry(() => this.#step())
    await this.#commit(0).catch(({ message }: RondoError) => this.#options.onAlarm(`${message} Records that were written are read again.`))
  }

  /** No failure ends the reading, since time is held meanwhile. */
  async #retry(work: () => Promise<void>): Promise<void> {
    const attempt = async (): Promise<void> => {
      this.#options.check()
      await work()
      this.#isWell = true
    }
    const onFailure = (error: unknown): void => {
      this.#isWell = false
      this.#options.onAlarm(error instanceof RondoError ? `${error.message} (${error.code})` : String((error as Error)?.stack ?? error))
    }
    await retry(attempt, { pauseMs: PAUSE_MS_MIN, pauseMsMax: PAUSE_MS_MAX, signal: this.#end.signal, retryOn: anyFailure, onFailure })
  }

  async #beginning(): Promise<number> {
    const { partition, start } = this.#options
    this.#committed = await partition.committed()
    if (this.#committed !== undefined) return this.#committed
    const { beginning, stable } = await partition.bounds()
    if (start === 'beginning') return beginning
    // Committed at once; otherwise records before the first commit would be skipped after a crash.
    await partition.commit(stable)
    this.#committed = stable
    return stable
  }

  async #step(): Promise<void> {
    const { partition, clock } = this.#options
    const before = clock.now()
    const fetched = await partition.read(this.#next, LIMITS).catch((error: unknown) => {
      if (error instanceof RondoError && error.code === 'RONDO_LOG_INCOMPLETE') return undefined
      throw error
    })
    if (fetched === undefined) return this.#passGap(before)
    this.#endOfTopic = fetched.end
    if (fetched.next === this.#next && this.#next < fetched.stable) return this.#passEmpty(fetched.stable)
    this.#empty = 0
    this.#mark ??= { offset: fetched.end, at: before }
    if (fetched.records.length > 0) await this.#write(fetched.records)
    this.#next = fetched.next
    this.#advance(fetched.records.at(-1))
    await this.#commit(COMMIT_MS).catch(({ message }: RondoError) => this.#options.onAlarm(message))
  }

  async #write(records: readonly TopicRecord[]): Promise<void> {
    const {
      partition: { topic, partition },
      map,
      write,
      clock,
    } = this.#options
    // These records may have come while the read waited.
    const now = clock.now()
    const mapped = records.map((record) => map({ topic, partition, ...record }, now))
    await write({ events: mapped.flatMap(({ events }) => events), quarantine: mapped.flatMap(({ quarantine }) => quarantine) })
  }

  /**
   * After a record with an append time no older one follows, so time may move while a backlog is read. Times of producers are
   * in no order: with them time moves only when the end was reached.
   */
  #advance(last: TopicRecord | undefined): void {
    const known = [this.#readUntil ?? Number.NEGATIVE_INFINITY]
    if (last?.isAppendTime) known.push(last.timestamp)
    if (this.#mark !== undefined && this.#next >= this.#mark.offset) {
      known.push(this.#mark.at)
      this.#mark = undefined
    }
    const until = Math.max(...known)
    if (until > Number.NEGATIVE_INFINITY) this.#readUntil = until
  }

  /** Compaction leaves batches without records; the next record may come much later. */
  async #passEmpty(end: number): Promise<void> {
    this.#empty += 1
    await pause(PAUSE_MS_MIN, this.#end.signal)
    if (this.#empty < EMPTY_MAX) return
    const { topic, partition } = this.#options.partition
    this.#options.onAlarm(`The offsets ${this.#next} to ${end - 1} of topic ${topic}, partition ${partition} hold no records: compaction took them.`)
    this.#next = end
  }

  async #commit(everyMs: number): Promise<void> {
    const now = this.#options.clock.now()
    if (this.#next === this.#committed || now - this.#committedAt < everyMs) return
    this.#committedAt = now
    const next = this.#next
    await this.#options.partition.commit(next)
    this.#committed = next
  }

  /** Either records were deleted before they were read, which is recorded in quarantine; or the topic is another one, and an operator must decide. */
  async #passGap(now: Instant): Promise<void> {
    const { partition, write, onAlarm } = this.#options
    const { beginning, stable } = await partition.bounds()
    const place = `topic ${partition.topic}, partition ${partition.partition}`
    if (this.#next > stable) {
      const message = `The source's ${place} ends at offset ${stable}, below ${this.#next}, up to which it was read: it was created again or has lost records. Read it as a source of another name, and retire this one.`
      throw new RondoError('RONDO_SOURCE_BROKEN', message)
    }
    if (this.#next >= beginning) return
    const reason = `${beginning - this.#next} offsets were deleted by the topic's retention before they were read`
    const where = `${place}, offsets ${this.#next} to ${beginning - 1}`
    const record: QuarantineRecord = { code: 'RONDO_LOG_INCOMPLETE', reason, where, refusedAt: formatInstant(now), raw: '' }
    await write({ events: [], quarantine: [record] })
    onAlarm(`${reason}: ${where}.`)
    this.#next = beginning
  }
}
