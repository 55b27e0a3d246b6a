import { Kafka, logLevel } from 'kafkajs'
import { RondoError } from '#contracts'
import { registerCodecs } from './compression-codecs.ts'
import { revealCoordinatorRefusals } from './coordinator-refusals.ts'
import { securityOptions } from './kafka-security.ts'
import { defaultTimes, type KafkaSettings, retrySettings } from './kafka-settings.ts'
import { refuseMissingLeaders, tolerateMissingLeaders } from './partitions-without-leader.ts'
import { quietRequestQueues } from './request-queue.ts'
import { countBrokers, failSoonOnTls } from './secured-connections.ts'

/** Kafka's isolation level in which a broker says up to where transactions are decided, and which of them were aborted. */
export const READ_COMMITTED = 1

/** The parts of kafkajs' cluster that are used here, below its consumers and producers. It is not among its public types. */
export interface Cluster {
  retry?: typeof retrySettings
  connect(): Promise<void>
  disconnect(): Promise<void>
  isConnected(): boolean
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  refreshMetadataIfNecessary(): Promise<void>
  removeBroker(broker: { host: string; port: number }): void
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>
  findBroker(options: { nodeId: string }): Promise<FetchingBroker>
  findGroupCoordinator(options: { groupId: string }): Promise<Coordinator>
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<readonly { partitions: readonly { offset: string }[] }[]>
}

/** A request for records, with kafkajs' names. */
interface FetchRequest {
  readonly isolationLevel: number
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly topics: readonly { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[]
}

/** The broker that keeps a group's offsets. */
interface Coordinator {
  offsetCommit(request: {
    readonly groupId: string
    /** -1, and no member: a commit from outside the group, which the broker accepts only while it has no members. */
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[]
  }): Promise<unknown>
}

/** A broker that answers requests for records. */
interface FetchingBroker {
  fetch(request: FetchRequest): Promise<{ responses: readonly { partitions: readonly FetchedPartition[] }[] }>
}

/** The answer of a broker for one partition. Offsets are decimal texts. */
export interface FetchedPartition {
  readonly lastStableOffset: string
  readonly highWatermark: string
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[] | null
  readonly messages: readonly FetchedRecord[]
}

/** A record as kafkajs decodes it, with what it says of its batch. */
export interface FetchedRecord {
  readonly offset: string
  /** Milliseconds; the time of append if the topic is configured so. */
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
  readonly isControlRecord: boolean
  readonly batchContext: {
    readonly producerId: string
    readonly inTransaction: boolean
    readonly firstOffset: string
    readonly lastOffsetDelta: number
    /** 0: the producer's time, 1: that of the append. */
    readonly timestampType?: number
  }
}

/** kafkajs' private function that makes a cluster. */
type CreateCluster = (options: object) => Cluster

/**
 * A new `Kafka` object. Consumers, producers and administrators get one each: the object remembers committed offsets,
 * and a producer notes them there before its transaction commits, so a consumer of the same object would begin too late.
 */
export function newKafka(settings: KafkaSettings, retry = retrySettings): Kafka {
  quietRequestQueues()
  tolerateMissingLeaders()
  registerCodecs()
  failSoonOnTls()
  const security = securityOptions(settings.security ?? {})
  countBrokers(security.ssl, settings.brokers.length)
  const { requestMs } = { ...defaultTimes, ...settings.times }
  const kafka = new Kafka({
    clientId: settings.group,
    brokers: [...settings.brokers],
    ...security,
    connectionTimeout: Math.min(5000, requestMs),
    requestTimeout: requestMs,
    retry,
    // Failures reach the caller as errors; the messages that kafkajs would print are not needed.
    logLevel: logLevel.NOTHING,
  })
  adjustClusters(kafka)
  return kafka
}

/** A cluster with its own connections, for fetching. It has few retries: the caller decides whether to try again. */
export function newCluster(settings: KafkaSettings): Cluster {
  const [create] = clusterFactory(newKafka(settings, { ...retrySettings, retries: 30 }))
  return create({ metadataMaxAge: 60_000, allowAutoTopicCreation: false, isolationLevel: READ_COMMITTED })
}

/**
 * kafkajs 2.2.4 reads the retry settings of a cluster, but never sets them. Without this, the begin and the end of a transaction would wait for
 * the default times (300 ms and more) and ignore the configuration.
 */
function adjustClusters(kafka: Kafka): void {
  const [create, key] = clusterFactory(kafka)
  const createAdjusted: CreateCluster = (options) => revealCoordinatorRefusals(refuseMissingLeaders(Object.assign(create(options), { retry: retrySettings })))
  Object.assign(kafka, { [key]: createAdjusted })
}

function clusterFactory(kafka: Kafka): [CreateCluster, symbol] {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster')
  if (key === undefined)
    throw new RondoError('RONDO_INTERNAL', 'This is not the version of kafkajs that Rondo was built for. Install the pinned packages again.')
  return [(kafka as unknown as Record<symbol, CreateCluster>)[key] as CreateCluster, key]
}
