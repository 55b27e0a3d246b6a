import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { missingRightError, missingRights } from '../allowed/missing-rights.ts'
import { type Cluster, newCluster, newKafka } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure } from '../client/kafka-failure.ts'
import { type KafkaSettings, retrySettings } from '../client/kafka-settings.ts'
import { allTopics, type TopicDeclaration } from '../client/topics.ts'
import { mismatchError } from '../topics/provision-topics.ts'
import { differencesOf, presentAndMissing } from '../topics/topic-comparison.ts'
import { type RightHolder, requiredRights } from './required-rights.ts'

/** A person waits for the check. */
const FEW_RETRIES = { ...retrySettings, retries: 30 }

/** What is checked. */
export interface AccessCheck {
  readonly settings: KafkaSettings
  readonly holder: RightHolder
  /** Topics of other systems that ingest reads. */
  readonly sourceTopics?: readonly string[]
}

/**
 * Everything that would keep a process from its work on Kafka, without changing anything there: the connection to each broker, the login, the topics, the rights.
 * @returns all defects: RONDO_LOG_UNAVAILABLE, RONDO_LOGIN_REFUSED, RONDO_CERTIFICATE_REFUSED, RONDO_RIGHT_MISSING, RONDO_LOG_MISMATCH
 */
export async function checkAccess(check: AccessCheck): Promise<RondoError[]> {
  const cluster = newCluster(check.settings)
  const admin = newKafka(check.settings, FEW_RETRIES).admin()
  const defects: RondoError[] = []
  const attempt = async (what: string, work: () => Promise<readonly RondoError[]>): Promise<boolean> => {
    try {
      defects.push(...(await work()))
      return true
    } catch (failure) {
      defects.push(kafkaFailure(what, failure))
      return false
    }
  }
  try {
    const isConnected = await attempt('Kafka cannot be used', async () => {
      await cluster.connect()
      await admin.connect()
      await cluster.refreshMetadata()
      return []
    })
    if (!isConnected) return defects
    await attempt('A broker cannot be reached', () => unreachableBrokers(cluster, admin))
    await attempt('The rights cannot be checked', async () =>
      (await missingRights(cluster, requiredRights(check.holder, check.settings, check.sourceTopics))).map(missingRightError),
    )
    // A topic that may not be seen is reported above; here it would look missing.
    if (defects.length === 0) await attempt('The topics cannot be checked', () => topicDefects(admin, allTopics(check.settings)))
    return defects
  } finally {
    await Promise.all([cluster.disconnect(), admin.disconnect()].map((end) => end.catch(() => {})))
  }
}

/** Each broker is asked at the address that it advertises. */
async function unreachableBrokers(cluster: Cluster, admin: Admin): Promise<RondoError[]> {
  const { brokers } = await admin.describeCluster()
  const found = await Promise.all(
    brokers.map(async ({ nodeId, host, port }) => {
      try {
        await cluster.findBroker({ nodeId: String(nodeId) })
        return []
      } catch (failure) {
        return [kafkaFailure(`Broker ${nodeId} at ${host}:${port} cannot be used`, failure)]
      }
    }),
  )
  return found.flat()
}

async function topicDefects(admin: Admin, topics: readonly TopicDeclaration[]): Promise<RondoError[]> {
  const { present, missing } = await presentAndMissing(admin, topics)
  const differences = present.length === 0 ? [] : await differencesOf(admin, present)
  return [...(differences.length > 0 ? [mismatchError(differences)] : []), ...(missing.length > 0 ? await creationDefects(admin, missing) : [])]
}

/** Whether missing topics could be created. */
async function creationDefects(admin: Admin, missing: readonly TopicDeclaration[]): Promise<RondoError[]> {
  const topics = missing.map(({ name, partitions, replication }) => ({ topic: name, numPartitions: partitions, replicationFactor: replication }))
  try {
    await admin.createTopics({ topics, validateOnly: true, waitForLeaders: false })
    return []
  } catch (failure) {
    if (!isRefused(failure)) throw failure
    const names = missing.map(({ name }) => name).join(', ')
    return [
      new RondoError(
        'RONDO_RIGHT_MISSING',
        `These topics do not exist, and the user of RONDO_KAFKA_USER may not create them: ${names}. Have them created: rondo kafka topics --dry-run prints them with all settings.`,
        { retriable: true },
      ),
    ]
  }
}

function isRefused(failure: unknown): boolean {
  const errors = [failure, ...((failure as { errors?: unknown[] }).errors ?? [])]
  return errors.some((each) => ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'].some((type) => isOfType(each, type)))
}
