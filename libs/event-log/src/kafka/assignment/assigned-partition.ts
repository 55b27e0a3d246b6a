import type { RondoError } from '#contracts'
import { type Cluster, newCluster } from '../client/kafka-client.ts'
import { cyclesOf } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { SharedFrames } from '../log/frame-source.ts'
import { PartitionLog } from '../log/partition-log.ts'
import { type AssignmentOptions, PartitionAssignment } from './partition-assignment.ts'

/** A partition that the group has assigned, for all cycles: each is taken over and lost by itself. */
export class AssignedPartition {
  readonly #cycles: readonly PartitionAssignment[]
  readonly #end = new AbortController()
  /** The connections that the cycles share; a cycle that is alone needs none. */
  readonly #cluster: Cluster | undefined

  constructor(options: Omit<AssignmentOptions, 'frames' | 'keepsRefused'>) {
    const { settings, partition } = options
    const cycles = cyclesOf(settings)
    this.#cluster = cycles.length === 1 ? undefined : newCluster(settings)
    const frames = this.#cluster && new SharedFrames(new PartitionLog(this.#cluster, topicOf(settings, 'activity'), partition), this.#end.signal)
    this.#cycles = cycles.map((cycle, i) => new PartitionAssignment({ ...options, settings: cycle, frames, keepsRefused: i === 0 }))
  }

  /** Whether the partition has been handed over for all cycles. */
  get isAssigned(): boolean {
    return this.#cycles.every(({ isAssigned }) => isAssigned)
  }

  /** Why the partition cannot be taken over or continued, for each cycle to which this applies. */
  get refusals(): RondoError[] {
    return this.#cycles.flatMap(({ refusal }) => refusal ?? [])
  }

  /** Ends the assignment at once. Resolves when its connections are closed. */
  async end(): Promise<void> {
    this.#end.abort()
    await Promise.all(this.#cycles.map((cycle) => cycle.end()))
    await this.#cluster?.disconnect().catch(() => {})
  }
}
