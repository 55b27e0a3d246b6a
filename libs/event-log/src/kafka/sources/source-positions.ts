import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { type Cluster, newCluster, newKafka } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'

/** How far a source was read into a log: the next offset of each partition of its topic. */
export interface SourcePosition {
  readonly source: string
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

/**
 * The consumer group that keeps how far a source was read. It belongs to the log, not to the group of its processors: the events are in
 * the log, whichever group folds it.
 */
export function sourceGroup(settings: KafkaSettings, source: string): string {
  return sourceGroupPrefix(settings) + source
}

/** The beginning of the names of all groups of sources of a log. */
export const sourceGroupPrefix = ({ prefix = '' }: KafkaSettings): string => `${prefix}rondo.source.`

/** The positions of all sources of a log: a copy of the log continues from them. No process reads the sources meanwhile. */
export class SourcePositions {
  readonly #settings: KafkaSettings

  constructor(settings: KafkaSettings) {
    this.#settings = settings
  }

  /** @throws RondoError RONDO_LOG_UNAVAILABLE */
  async read(): Promise<SourcePosition[]> {
    const admin = newKafka(this.#settings).admin()
    try {
      await admin.connect()
      return await positionsOf(admin, sourceGroupPrefix(this.#settings))
    } catch (failure) {
      throw kafkaFailure('The positions of the sources cannot be read', failure)
    } finally {
      await admin.disconnect().catch(() => {})
    }
  }

  /** @throws RondoError RONDO_WRITERS_OPEN if a process reads the source into this log already; RONDO_LOG_UNAVAILABLE */
  async write(positions: readonly SourcePosition[]): Promise<void> {
    const cluster = newCluster(this.#settings)
    try {
      await cluster.connect()
      for (const position of positions) await this.#commit(cluster, position)
    } finally {
      await cluster.disconnect().catch(() => {})
    }
  }

  async #commit(cluster: Cluster, { source, topic, partitions }: SourcePosition): Promise<void> {
    const groupId = sourceGroup(this.#settings, source)
    try {
      const coordinator = await cluster.findGroupCoordinator({ groupId })
      await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: '', topics: [{ topic, partitions }] })
    } catch (failure) {
      // With these errors a broker refuses a commit from outside a group that has members.
      if (isOfType(failure, 'UNKNOWN_MEMBER_ID') || isOfType(failure, 'ILLEGAL_GENERATION')) throw sourceInUse(source, groupId)
      throw kafkaFailure(`The position of the source ${source} cannot be committed`, failure)
    }
  }
}

async function positionsOf(admin: Admin, begin: string): Promise<SourcePosition[]> {
  const { groups } = await admin.listGroups()
  const positions: SourcePosition[] = []
  for (const { groupId } of groups.filter((group) => group.groupId.startsWith(begin))) {
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
      const read = partitions.filter(({ offset }) => Number(offset) >= 0).map(({ partition, offset }) => ({ partition, offset }))
      read.sort((a, b) => a.partition - b.partition)
      if (read.length > 0) positions.push({ source: groupId.slice(begin.length), topic, partitions: read })
    }
  }
  return positions
}

function sourceInUse(source: string, group: string): RondoError {
  const message = `Another process reads the source ${source} as the group ${group} already. End every process that has the new prefix, and copy into another one.`
  return new RondoError('RONDO_WRITERS_OPEN', message)
}
