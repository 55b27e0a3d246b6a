// A module of the old kind, of which Node finds some names and not this one.
import kafkajs, { type Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { READABLE_COMPRESSIONS } from './compression-codecs.ts'
import { newCluster, newKafka } from './kafka-client.ts'
import { isOfType, kafkaFailure } from './kafka-failure.ts'
import { type KafkaSettings, retrySettings } from './kafka-settings.ts'
import { PartitionLog } from './partition-log.ts'
import { declareTopics, type TopicDeclaration } from './topics.ts'

/** Some seconds: whoever starts a process would rather be told than wait. */
const ATTEMPTS_MAX = 60

/**
 * Makes the topics that are missing and compares those that are there with what the settings declare. Processes may do so at once.
 * @throws RondoError RONDO_LOG_MISMATCH naming every difference; RONDO_LOG_UNAVAILABLE
 */
export async function provisionTopics(settings: KafkaSettings): Promise<void> {
  const admin = newKafka(settings, { ...retrySettings, retries: ATTEMPTS_MAX }).admin()
  try {
    await admin.connect()
    const declared = declareTopics(settings)
    await createMissing(admin, declared, settings)
    const differences = await compare(admin, declared)
    if (differences.length > 0) throw mismatch(differences)
  } catch (failure) {
    throw kafkaFailure('The topics cannot be made or looked at', failure)
  } finally {
    await admin.disconnect()
  }
}

async function createMissing(admin: Admin, declared: readonly TopicDeclaration[], settings: KafkaSettings): Promise<void> {
  const present = new Set(await admin.listTopics())
  const missing = declared.filter(({ name }) => !present.has(name))
  if (missing.length === 0) return
  const topics = missing.map(({ name, partitions, replication, config }) => ({
    topic: name,
    numPartitions: partitions,
    replicationFactor: replication,
    configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
  }))
  try {
    // False where they exist by now: another process was quicker.
    await admin.createTopics({ topics, waitForLeaders: true })
  } catch (failure) {
    if (!isOfType(failure, 'TOPIC_ALREADY_EXISTS')) throw failure
  }
  await awaitLeaders(missing, settings)
}

/** A new partition is known before its leader knows of it; until then every request to it fails. */
async function awaitLeaders(topics: readonly TopicDeclaration[], settings: KafkaSettings): Promise<void> {
  const cluster = newCluster(settings)
  try {
    for (const { name, partitions } of topics) {
      for (let partition = 0; partition < partitions; partition++) await new PartitionLog(cluster, name, partition).bounds()
    }
  } finally {
    await cluster.disconnect()
  }
}

async function compare(admin: Admin, declared: readonly TopicDeclaration[]): Promise<string[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: declared.map(({ name }) => name) })
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: declared.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  })
  return declared.flatMap((declaration) => {
    const partitions = topics.find(({ name }) => name === declaration.name)?.partitions ?? []
    const entries = resources.find(({ resourceName }) => resourceName === declaration.name)?.configEntries ?? []
    const found: Record<string, string> = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]))
    const copies = Math.min(...partitions.map(({ replicas }) => replicas.length))
    return [
      differing(declaration, 'partitions', declaration.partitions, partitions.length),
      differing(declaration, 'replication', declaration.replication, copies),
      ...Object.entries(declaration.config).map(([name, value]) => differing(declaration, name, value, found[name] ?? 'not set')),
    ].filter((difference) => difference !== undefined)
  })
}

/** How often a topic is compacted, and how it is cut for that, is a matter of cost; an operator may tune it. */
const TUNABLE = new Set(['min.cleanable.dirty.ratio', 'segment.bytes', 'segment.ms'])
/** Of these more than was asked for is as good. */
const AT_LEAST = new Set(['replication', 'max.message.bytes', 'min.insync.replicas'])

function differing({ name: topic }: TopicDeclaration, what: string, wanted: string | number, found: string | number): string | undefined {
  if (TUNABLE.has(what)) return undefined
  // Any that can be read will do: it is a matter of cost.
  if (what === 'compression.type' && READABLE_COMPRESSIONS.has(String(found))) return undefined
  const suits = AT_LEAST.has(what) ? Number(found) >= Number(wanted) : String(found) === String(wanted)
  return suits ? undefined : `${topic}: ${what} is ${found}, not ${wanted}`
}

function mismatch(differences: readonly string[]): RondoError {
  const list = differences.join('; ')
  return new RondoError(
    'RONDO_LOG_MISMATCH',
    `The topics are not kept as they were declared (${list}). Change the topics or the configuration. A partition count cannot be changed in place: repartition into a new generation.`,
  )
}
