import type { Position, RondoError } from '#contracts'
import { faultPoint, untilAborted } from '#runtime'
import type { CheckpointPart, CommitBatch, CommitOutcome, LogRecord, OwnedPartition } from '../../event-log.ts'
import { batchRequests } from '../checkpoints/batch-records.ts'
import { piecesOf, type StoredValue, type ValueAssembly } from '../checkpoints/checkpoint-records.ts'
import { type CommittedPosition, encodePosition, textOf } from '../checkpoints/committed-position.ts'
import { missingPartitionMetadata, type StoredState } from '../checkpoints/stored-state.ts'
import type { Cluster } from '../client/kafka-client.ts'
import { isFenced, kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { ActivityReader } from '../log/activity-reader.ts'
import { PartitionProducer } from './partition-producer.ts'

const ATTEMPTS_MAX = 3
/** The stored name of the partition metadata, if it is too large to be stored beside the offset. */
const PARTITION_METADATA = 'summary'

/** What an owner of a partition knows about its membership in the group. */
interface GroupMembership {
  /** True when the group has confirmed the ownership by an answer to a request sent after this call; false if it has ended. */
  confirmed(): Promise<boolean>
  onError(error: RondoError): void
}

export interface OwnedPartitionOptions {
  readonly settings: KafkaSettings
  readonly partition: number
  readonly membership: GroupMembership
  readonly stored: StoredState
  readonly cluster: Cluster
}

/**
 * A partition as one owner sees it. It reads the log without the group, and commits through a transactional producer that
 * the next owner fences. Rebalances do not affect it while it keeps the partition: if there was another owner in between, its
 * producer is fenced, and its next commit fails.
 */
export class KafkaOwnedPartition implements OwnedPartition {
  readonly partition: number
  readonly #options: OwnedPartitionOptions
  readonly #reader: ActivityReader
  readonly #over = new AbortController()
  /** Resolves when the ownership has ended, by {@link end} or because it was lost. */
  readonly ended = new Promise<void>((resolve) => this.#over.signal.addEventListener('abort', () => resolve()))
  readonly #pieces = new Map<string, number>()
  /** After its abort nothing is read or published; a commit that was running may still run. */
  readonly #end = new AbortController()
  #committing = false
  #producer: PartitionProducer
  #committed: CommittedPosition | undefined
  #values: ValueAssembly | undefined

  private constructor(options: OwnedPartitionOptions, producer: PartitionProducer, committed: CommittedPosition | undefined) {
    this.partition = options.partition
    this.#options = options
    this.#producer = producer
    this.#committed = committed
    this.#reader = new ActivityReader(options.stored.log('activity'), this.#end.signal)
  }

  /** First fences every earlier owner, then reads what they have stored. Only this order is safe. */
  static async takeOver(options: OwnedPartitionOptions): Promise<KafkaOwnedPartition> {
    const producer = await PartitionProducer.initialise(options.settings, options.partition)
    try {
      await seal(producer, options.stored)
      const committed = await options.stored.committed()
      await options.stored.check(committed)
      return new KafkaOwnedPartition(options, producer, committed)
    } catch (failure) {
      await producer.discard()
      throw failure
    }
  }

  /** After this nothing is read or published. A running commit ends by itself, or when the next owner fences it. */
  end(): void {
    if (this.#hasEnded) return
    this.#end.abort()
    if (!this.#committing) this.#close()
  }

  async committed(): Promise<Position | undefined> {
    return this.#committed?.position
  }

  async partitionMetadata(): Promise<string | undefined> {
    if (this.#committed === undefined || this.#committed.partitionMetadata !== undefined) return this.#committed?.partitionMetadata
    this.#values ??= await this.#readValues()
    const value = this.#values.get(PARTITION_METADATA)
    if (value?.metadata !== textOf(this.#committed.position)) throw missingPartitionMetadata(this.partition)
    return Buffer.from(value.bytes).toString()
  }

  async *checkpoints(): AsyncGenerator<CheckpointPart> {
    faultPoint('restore', 'enter')
    try {
      const values = this.#values ?? (await this.#readValues())
      this.#values = undefined
      for (const { name, metadata, bytes } of values.take()) {
        if (this.#hasEnded) return
        if (name !== PARTITION_METADATA) yield { bucket: Number(name), metadata, bytes }
      }
    } finally {
      faultPoint('restore', 'leave')
    }
  }

  async read(offset: number, limits: { bytesMax: number; waitMs: number }): Promise<readonly LogRecord[]> {
    return (await untilAborted(this.#reader.read(offset, limits), this.#over.signal)) ?? []
  }

  async commit(batch: CommitBatch): Promise<CommitOutcome> {
    if (this.#hasEnded) return 'lost'
    if (!this.#isAt(batch.previousPosition)) return this.#isAt(batch.position) ? 'committed' : this.#lose()
    this.#committing = true
    try {
      return await this.#publish(batch)
    } finally {
      this.#committing = false
      if (this.#hasEnded) this.#close()
    }
  }

  async #publish(batch: CommitBatch): Promise<CommitOutcome> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#send(batch)
      if (failure === undefined) return 'committed'
      if (isFenced(failure) || !(await this.#resolveOutcome())) return this.#lose()
      if (this.#isAt(batch.position)) return 'committed'
      if (!this.#isAt(batch.previousPosition)) return this.#lose()
      // At this point it is certain that nothing was published.
      const error = kafkaFailure(`A batch of partition ${this.partition} cannot be published`, failure)
      if (!error.retriable || attempt === ATTEMPTS_MAX) throw error
    }
  }

  /** @returns what kafkajs threw: then the outcome is unknown */
  async #send(batch: CommitBatch): Promise<unknown> {
    const { stored } = this.#options
    const committed = { position: batch.position, logTime: batch.logTime, dueAt: batch.dueAt, partitionMetadata: batch.partitionMetadata }
    const position = encodePosition(committed, stored.identity)
    const values: StoredValue[] = batch.checkpoints.map(({ bucket, metadata, bytes }) => ({ name: String(bucket), metadata, bytes }))
    if (!position.holdsPartitionMetadata)
      values.push({ name: PARTITION_METADATA, metadata: textOf(batch.position), bytes: Buffer.from(batch.partitionMetadata) })
    try {
      await this.#producer.publish(
        batchRequests(batch, values, (name) => this.#pieces.get(name) ?? 0),
        position,
      )
    } catch (failure) {
      return failure
    }
    for (const value of values) this.#pieces.set(value.name, piecesOf(value))
    this.#committed = committed
    this.#values = undefined
    return undefined
  }

  /**
   * After a failure it is unknown what was committed. A new initialisation decides that, but it could fence a new owner: so it happens only
   * after the group has confirmed, after the failure, that this process still owns the partition.
   * @returns false if it does not
   */
  async #resolveOutcome(): Promise<boolean> {
    const { settings, partition, membership, stored } = this.#options
    await this.#producer.discard()
    while (await membership.confirmed()) {
      try {
        this.#producer = await PartitionProducer.initialise(settings, partition)
        await seal(this.#producer, stored)
        this.#committed = await stored.committed()
        return !this.#hasEnded
      } catch (failure) {
        membership.onError(kafkaFailure(`Partition ${partition} cannot be continued`, failure))
        await this.#producer.discard()
      }
    }
    return false
  }

  async #readValues(): Promise<ValueAssembly> {
    const values = await this.#options.stored.values()
    for (const [name, pieces] of values.pieces()) this.#pieces.set(name, pieces)
    return values
  }

  get #hasEnded(): boolean {
    return this.#end.signal.aborted
  }

  #isAt(position: Position | undefined): boolean {
    const { position: committed } = this.#committed ?? {}
    return (position && textOf(position)) === (committed && textOf(committed))
  }

  #lose(): CommitOutcome {
    this.#end.abort()
    if (!this.#committing) this.#close()
    return 'lost'
  }

  #close(): void {
    this.#over.abort()
    void this.#producer.discard()
    void this.#options.cluster.disconnect().catch(() => {})
  }
}

/** Records that a killed broker has forgotten cannot have been committed, and must not become valid with the next commit. */
async function seal(producer: PartitionProducer, stored: StoredState): Promise<void> {
  const forgotten = await stored.forgotten()
  if (forgotten.length > 0) await producer.seal(forgotten)
}
