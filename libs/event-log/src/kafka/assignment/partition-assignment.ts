import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { pause } from '#runtime'
import type { Ownership } from '../../event-log.ts'
import { StoredState } from '../checkpoints/stored-state.ts'
import { newCluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import type { SharedFrames } from '../log/frame-source.ts'
import type { GroupMember } from './group-member.ts'
import { KafkaOwnedPartition } from './kafka-owned-partition.ts'

/** The pause after a takeover that failed. */
const RETRY_MS = 1000

/** The partition that the group has assigned, the cycle that folds it, and the callbacks of its owner. */
export interface AssignmentOptions {
  readonly settings: KafkaSettings
  readonly partition: number
  readonly member: GroupMember
  readonly admin: Admin
  readonly ownership: Ownership
  /** What all cycles of the partition read; undefined if one cycle is alone. */
  readonly frames?: SharedFrames | undefined
  /** Whether this cycle puts refused entries of the log into quarantine. */
  readonly keepsRefused: boolean
  readonly onError: (error: RondoError) => void
}

/** The time for which the group assigns a partition to this process, for one cycle: it is taken over, and again after each loss, until the end. */
export class PartitionAssignment {
  readonly #options: AssignmentOptions
  readonly #end = new AbortController()
  #owned: KafkaOwnedPartition | undefined
  #isAssigned = false
  #refusal: RondoError | undefined

  constructor(options: AssignmentOptions) {
    this.#options = options
    void this.#run()
  }

  /** Whether the partition has been handed over, with all that its earlier owners had committed. */
  get isAssigned(): boolean {
    return this.#isAssigned
  }

  /** The failure of the last attempt to take the partition over, or to continue it. */
  get refusal(): RondoError | undefined {
    return this.#refusal ?? this.#owned?.refusal
  }

  /** Ends the assignment at once; `revoked` has been called when this returns. Resolves when its connections are closed. */
  end(): Promise<void> {
    this.#end.abort()
    this.#owned?.end()
    if (this.#isAssigned) this.#options.ownership.revoked(this.#options.partition)
    this.#isAssigned = false
    return this.#owned?.ended ?? Promise.resolve()
  }

  async #run(): Promise<void> {
    const { member } = this.#options
    const { signal } = this.#end
    // Another owner seems to have fenced this one. Without a confirmation by the group, taking the partition back could fence the rightful owner.
    for (let isOwner = true; isOwner; isOwner = await member.confirmed(signal)) {
      const owned = await this.#takeOver()
      if (owned === undefined) continue
      await owned.ended
      this.#isAssigned = false
    }
  }

  async #takeOver(): Promise<KafkaOwnedPartition | undefined> {
    const { settings, partition, admin, ownership, member, frames, keepsRefused, onError } = this.#options
    const { signal } = this.#end
    const cluster = newCluster(settings)
    const membership = { confirmed: () => member.confirmed(signal), onError }
    const stored = new StoredState({ settings, partition, admin, cluster, signal })
    try {
      const owned = await KafkaOwnedPartition.takeOver({ settings, partition, membership, stored, cluster, frames, keepsRefused })
      this.#owned = owned
      this.#refusal = undefined
      if (signal.aborted) owned.end()
      else {
        this.#isAssigned = true
        ownership.assigned(owned)
      }
      return owned
    } catch (failure) {
      await cluster.disconnect().catch(() => {})
      this.#refusal = kafkaFailure(
        `Partition ${partition} cannot be taken over${settings.cycle === undefined ? '' : ` for the cycle ${settings.cycle}`}`,
        failure,
      )
      if (!signal.aborted) onError(this.#refusal)
      await pause(RETRY_MS, signal)
      return undefined
    }
  }
}
