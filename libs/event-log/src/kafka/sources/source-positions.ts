import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { type Cluster, newCluster, newKafka } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { checkPositionsAreSeen } from './seen-positions.ts'
import { sourceGroup, sourceGroupPrefix } from './source-group.ts'

/** How far a source was read into a log: the next offset of each partition of its topic. */
export interface SourcePosition {
  readonly source: string
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

/** The positions of all sources of a log: a copy of the log continues from them. No process reads the sources meanwhile. */
export class SourcePositions {
  readonly #settings: KafkaSettings

  constructor(settings: KafkaSettings) {
    this.#settings = settings
  }

  /**
   * @param known sources that have read records: a position of theirs that is not found was deleted by the brokers
   * @throws RondoError RONDO_RIGHT_MISSING if this user does not see a position, or may not write it; RONDO_LOG_UNAVAILABLE
   */
  async read(known: readonly string[] = []): Promise<SourcePosition[]> {
    const admin = newKafka(this.#settings).admin()
    try {
      await admin.connect()
      const { sources, positions } = await positionsOf(admin, sourceGroupPrefix(this.#settings))
      const found = new Set(positions.map(({ source }) => source))
      await checkPositionsAreSeen(this.#settings, {
        topics: [...new Set(positions.map(({ topic }) => topic))],
        withoutPosition: sources.filter((source) => !found.has(source)),
        withoutGroup: known.filter((source) => !sources.includes(source)),
      })
      return positions
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

/** The sources whose group exists, and the positions of those that have one. */
async function positionsOf(admin: Admin, begin: string): Promise<{ sources: string[]; positions: SourcePosition[] }> {
  const { groups } = await admin.listGroups()
  const sources = groups.filter(({ groupId }) => groupId.startsWith(begin)).map(({ groupId }) => groupId.slice(begin.length))
  const positions: SourcePosition[] = []
  for (const source of sources) {
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId: begin + source })) {
      const read = partitions.filter(({ offset }) => Number(offset) >= 0).map(({ partition, offset }) => ({ partition, offset }))
      read.sort((a, b) => a.partition - b.partition)
      if (read.length > 0) positions.push({ source, topic, partitions: read })
    }
  }
  return { sources, positions }
}

function sourceInUse(source: string, group: string): RondoError {
  const message = `Another process reads the source ${source} as the group ${group} already. End every process that has the new prefix, and copy into another one.`
  return new RondoError('RONDO_WRITERS_OPEN', message)
}
