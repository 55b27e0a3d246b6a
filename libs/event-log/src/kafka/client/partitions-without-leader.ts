import { createRequire } from 'node:module'

/** The metadata of topics as kafkajs decodes them. */
interface Metadata {
  readonly topicMetadata: readonly { readonly topicErrorCode: number; readonly partitionMetadata: { partitionErrorCode: number; leader: number }[] }[]
}
/** The part of kafkajs' cluster that is replaced. */
interface LeaderSearch {
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>
}
/** kafkajs' decoder of metadata, whose `parse` is replaced. */
interface MetadataResponse {
  parse(data: Metadata): Promise<Metadata>
  isTolerant?: boolean
}

const load = createRequire(import.meta.url)
/** The versions of the metadata request that kafkajs 2.2.4 can send. */
const VERSIONS = [0, 1, 2, 3, 4, 5, 6]
/** Protocol errors of one partition: its leader is unknown, or is known and cannot be reached by this listener. */
const LEADER_NOT_AVAILABLE = 5
const LISTENER_NOT_FOUND = 72
const NO_LEADER = -1

/**
 * kafkajs 2.2.4 refuses the metadata of all topics if one partition has no leader, so no partition could be written or read. Here such a
 * partition is kept, without a leader.
 */
export function tolerateMissingLeaders(): void {
  for (const version of VERSIONS) {
    const response = load(`kafkajs/src/protocol/requests/metadata/v${version}/response`) as MetadataResponse
    if (response.isTolerant === true) continue
    const { parse } = response
    response.isTolerant = true
    response.parse = (data) => {
      for (const { partitionMetadata } of data.topicMetadata) for (const partition of partitionMetadata) markWithoutLeader(partition)
      return parse(data)
    }
  }
}

/** Requests for a partition without a leader fail as if the broker had answered so: kafkajs reads the metadata again and retries. */
export function refuseMissingLeaders<Cluster extends LeaderSearch>(cluster: Cluster): Cluster {
  const find = cluster.findLeaderForPartitions.bind(cluster)
  const { createErrorFromCode } = load('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
  cluster.findLeaderForPartitions = (topic, partitions) => {
    const leaders = find(topic, partitions)
    if (String(NO_LEADER) in leaders) throw createErrorFromCode(LEADER_NOT_AVAILABLE)
    return leaders
  }
  return cluster
}

function markWithoutLeader(partition: { partitionErrorCode: number; leader: number }): void {
  if (![LEADER_NOT_AVAILABLE, LISTENER_NOT_FOUND].includes(partition.partitionErrorCode)) return
  partition.partitionErrorCode = 0
  partition.leader = NO_LEADER
}
