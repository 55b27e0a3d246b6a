import type { EventName, Position, RondoError } from '#contracts'
import { faultPoint, untilAborted } from '#runtime'
import type { CheckpointPart, CommitBatch, CommitOutcome, LogRecord, OwnedPartition } from '../../event-log.ts'
import { batchRequests } from '../checkpoints/batch-records.ts'
import { pieceCountOf, type StoredValue, type ValueAssembly } from '../checkpoints/checkpoint-records.ts'
import { type CommittedPosition, encodePosition, positionText } from '../checkpoints/committed-position.ts'
import { missingPartitionMetadata, type StoredState } from '../checkpoints/stored-state.ts'
import type { Cluster } from '../client/kafka-client.ts'
import { isFenced, kafkaFailure } from '../client/kafka-failure.ts'
import { cycleNameOf, type KafkaSettings } from '../client/kafka-settings.ts'
import { ActivityReader } from '../log/activity-reader.ts'
import { ownFrames, type SharedFrames } from '../log/frame-source.ts'
import { PartitionProducer } from './partition-producer.ts'

/** Attempts to publish a batch after failures of which it is certain that they published nothing. */
const ATTEMPTS_MAX = 3
/** The stored name of the partition metadata, if it is too large to be stored beside the offset. */
const PARTITION_METADATA = 'summary'

/** What an owner of a partition knows about its membership in the group. */
interface GroupMembership {
  /** True when the group has confirmed the ownership by an answer to a request sent after this call; false if it has ended. */
  confirmed(): Promise<boolean>
  onError(error: RondoError): void
}

/** The partition that is taken over, its stored state, and the group that assigned it. */
export interface OwnedPartitionOptions {
  readonly settings: KafkaSettings
  readonly partition: number
  readonly membership: GroupMembership
  readonly stored: StoredState
  readonly cluster: Cluster
  /** What all cycles of the partition read; undefined if one cycle is alone. */
  readonly frames?: SharedFrames | undefined
  /** Whether this cycle puts refused entries of the log into quarantine. All cycles refuse the same ones, so one of them does. */
  readonly keepsRefused: boolean
}

/**
 * A partition as one owner sees it. It reads the log without the group, and commits through a transactional producer that
 * the next owner fences. Rebalances do not affect it while it keeps the partition: if there was another owner in between, its
 * producer is fenced, and its next commit fails.
 */
export class KafkaOwnedPartition implements OwnedPartition {
  readonly partition: number
  readonly cycle: string
  readonly partitions: number
  readonly #options: OwnedPartitionOptions
  readonly #reader: ActivityReader
  /** Aborted when the ownership has ended and no commit is running. */
  readonly #closed = new AbortController()
  /** Resolves when the ownership has ended, by {@link end} or because it was lost. */
  readonly ended = new Promise<void>((resolve) => this.#closed.signal.addEventListener('abort', () => resolve()))
  /** In how many records each stored value was written last: a shorter value deletes the others. */
  readonly #pieceCounts = new Map<string, number>()
  /** After its abort nothing is read or published; a commit that was running may still run. */
  readonly #ending = new AbortController()
  #committing = false
  #refusal: RondoError | undefined
  #producer: PartitionProducer
  #committed: CommittedPosition | undefined
  /** The values of the topic `checkpoints`, between the restore of the metadata and that of the actors. */
  #storedValues: ValueAssembly | undefined

  private constructor(options: OwnedPartitionOptions, producer: PartitionProducer, committed: CommittedPosition | undefined) {
    this.partition = options.partition
    this.cycle = cycleNameOf(options.settings)
    this.partitions = options.settings.partitions
    this.#options = options
    this.#producer = producer
    this.#committed = committed
    this.#reader = new ActivityReader(options.frames?.source() ?? ownFrames(options.stored.log('activity'), this.#ending.signal), this.#ending.signal)
  }

  /** First fences every earlier owner, then reads what they have stored. Only this order is safe. */
  static async takeOver(options: OwnedPartitionOptions): Promise<KafkaOwnedPartition> {
    const producer = await PartitionProducer.initialise(options.settings, options.partition)
    try {
      await sealForgottenRecords(producer, options.stored)
      const committed = await options.stored.committed()
      await options.stored.checkContinuable(committed)
      return new KafkaOwnedPartition(options, producer, committed)
    } catch (failure) {
      await producer.discard()
      throw failure
    }
  }

  /** Why a commit whose outcome is unknown cannot be resolved at present. */
  get refusal(): RondoError | undefined {
    return this.#refusal
  }

  /** After this nothing is read or published. A running commit ends by itself, or when the next owner fences it. */
  end(): void {
    if (this.#hasEnded) return
    this.#ending.abort()
    if (!this.#committing) this.#close()
  }

  async committed(): Promise<Position | undefined> {
    return this.#committed?.position
  }

  async partitionMetadata(): Promise<string | undefined> {
    if (this.#committed === undefined || this.#committed.partitionMetadata !== undefined) return this.#committed?.partitionMetadata
    this.#storedValues ??= await this.#readStoredValues()
    const value = this.#storedValues.get(PARTITION_METADATA)
    if (value?.metadata !== positionText(this.#committed.position)) throw missingPartitionMetadata(this.partition)
    return Buffer.from(value.bytes).toString()
  }

  names(): Promise<readonly EventName[]> {
    return this.#options.stored.names()
  }

  async *checkpoints(): AsyncGenerator<CheckpointPart> {
    faultPoint('restore', 'enter')
    try {
      const values = this.#storedValues ?? (await this.#readStoredValues())
      this.#storedValues = undefined
      for (const { name, metadata, bytes } of values.drain()) {
        if (this.#hasEnded) return
        if (name !== PARTITION_METADATA) yield { bucket: Number(name), metadata, bytes }
      }
    } finally {
      faultPoint('restore', 'leave')
    }
  }

  async read(offset: number, limits: { bytesMax: number; waitMs: number }): Promise<readonly LogRecord[]> {
    return (await untilAborted(this.#reader.read(offset, limits), this.#closed.signal)) ?? []
  }

  async commit(batch: CommitBatch): Promise<CommitOutcome> {
    if (this.#hasEnded) return 'lost'
    if (!this.#isCommittedAt(batch.previousPosition)) return this.#isCommittedAt(batch.position) ? 'committed' : this.#endAsLost()
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
      if (isFenced(failure) || !(await this.#resolveOutcome())) return this.#endAsLost()
      if (this.#isCommittedAt(batch.position)) return 'committed'
      if (!this.#isCommittedAt(batch.previousPosition)) return this.#endAsLost()
      // At this point it is certain that nothing was published.
      const error = kafkaFailure(`A batch of partition ${this.partition} cannot be published`, failure)
      if (!error.retriable || attempt === ATTEMPTS_MAX) throw error
    }
  }

  /** @returns what kafkajs threw: then the outcome is unknown */
  async #send(batch: CommitBatch): Promise<unknown> {
    const { stored, keepsRefused } = this.#options
    const committed = {
      position: batch.position,
      logTime: batch.logTime,
      dueAt: batch.dueAt,
      graceMs: batch.graceMs,
      partitionMetadata: batch.partitionMetadata,
    }
    const position = encodePosition(committed, stored.identity)
    const values: StoredValue[] = batch.checkpoints.map(({ bucket, metadata, bytes }) => ({ name: String(bucket), metadata, bytes }))
    if (!position.holdsPartitionMetadata)
      values.push({ name: PARTITION_METADATA, metadata: positionText(batch.position), bytes: Buffer.from(batch.partitionMetadata) })
    try {
      await this.#producer.publish(
        batchRequests(keepsRefused ? batch : { ...batch, quarantine: [] }, values, (name) => this.#pieceCounts.get(name) ?? 0),
        position,
      )
    } catch (failure) {
      return failure
    }
    for (const value of values) this.#pieceCounts.set(value.name, pieceCountOf(value))
    this.#committed = committed
    this.#storedValues = undefined
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
        await sealForgottenRecords(this.#producer, stored)
        this.#committed = await stored.committed()
        this.#refusal = undefined
        return !this.#hasEnded
      } catch (failure) {
        this.#refusal = kafkaFailure(`Partition ${partition} cannot be continued`, failure)
        membership.onError(this.#refusal)
        await this.#producer.discard()
      }
    }
    this.#refusal = undefined
    return false
  }

  async #readStoredValues(): Promise<ValueAssembly> {
    const values = await this.#options.stored.checkpointValues()
    for (const [name, pieces] of values.pieces()) this.#pieceCounts.set(name, pieces)
    return values
  }

  get #hasEnded(): boolean {
    return this.#ending.signal.aborted
  }

  #isCommittedAt(position: Position | undefined): boolean {
    const { position: committed } = this.#committed ?? {}
    return (position && positionText(position)) === (committed && positionText(committed))
  }

  #endAsLost(): CommitOutcome {
    this.#ending.abort()
    if (!this.#committing) this.#close()
    return 'lost'
  }

  #close(): void {
    this.#closed.abort()
    void this.#producer.discard()
    void this.#options.cluster.disconnect().catch(() => {})
  }
}

/** Ends transactions that a killed broker has forgotten: their records were never committed, and must not become valid with the next commit. */
async function sealForgottenRecords(producer: PartitionProducer, stored: StoredState): Promise<void> {
  const forgotten = await stored.topicsWithForgottenRecords()
  if (forgotten.length > 0) await producer.seal(forgotten)
}
