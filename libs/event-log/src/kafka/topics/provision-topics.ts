import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { retry } from '#runtime'
import { missingRightError } from '../allowed/missing-rights.ts'
import { hiddenTopics } from '../allowed/topic-rights.ts'
import { newCluster, newKafka } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure, TOPIC_NOT_KNOWN_YET } from '../client/kafka-failure.ts'
import { type KafkaSettings, retrySettings } from '../client/kafka-settings.ts'
import { checkRetention } from '../client/retention.ts'
import { controlTopic, declareTopics, namesTopics, type TopicDeclaration, topicOf } from '../client/topics.ts'
import { PartitionLog } from '../log/partition-log.ts'
import { checkFirstCycle, topicsOfAddedCycles } from './added-cycles.ts'
import { differencesOf, presentAndMissing } from './topic-comparison.ts'

/** Attempts of one request, a few seconds in all: at the start of a process a failure is better than a long wait. */
const ATTEMPTS_MAX = 60
/** Retries while some broker does not know a new topic yet. */
const RETRIES_UNTIL_KNOWN = {
  pauseMs: 50,
  pauseMsMax: 1000,
  attemptsMax: 30,
  retryOn: (failure: unknown) => TOPIC_NOT_KNOWN_YET.some((type) => isOfType(failure, type)),
}

/**
 * Creates missing topics, also those of a cycle that is added to a running deployment, and compares existing ones with the settings. Several
 * processes may do this at the same time.
 * @throws RondoError RONDO_ARGUMENT_INVALID if a retention would lose what a rebuild needs; RONDO_LOG_MISMATCH with every difference, or if another cycle is the first; RONDO_LOG_INCOMPLETE if some were deleted; RONDO_LOG_UNAVAILABLE
 */
export async function provisionTopics(settings: KafkaSettings): Promise<void> {
  checkRetention(settings)
  await withAdmin(settings, 'The topics cannot be created or checked', async (admin) => {
    await checkFirstCycle(admin, settings)
    const declared = declareTopics(settings)
    const { missing } = await presentAndMissing(admin, declared)
    if (missing.length > 0) {
      await checkVisible(settings, missing)
      const isNew = missing.length === declared.length
      const added = new Set(isNew ? [] : (await topicsOfAddedCycles(admin, settings, missing)).map(({ name }) => name))
      const before = declared.filter(({ name }) => !added.has(name))
      if (missing.some(({ name }) => !added.has(name))) await checkUnused(admin, before, settings)
      await create(admin, missing, settings)
    }
    const names = namesTopics(settings)
    const { missing: missingNames } = await presentAndMissing(admin, names)
    if (missingNames.length > 0) await create(admin, missingNames, settings)
    const differences = await differencesOf(admin, [...declared, ...names])
    if (differences.length > 0) throw mismatchError(differences)
  })
}

/** @throws RondoError RONDO_RIGHT_MISSING if the user may not see a topic, which then looks as if it were missing */
async function checkVisible(settings: KafkaSettings, missing: readonly TopicDeclaration[]): Promise<void> {
  const hidden = await hiddenTopics(
    settings,
    missing.map(({ name }) => name),
  )
  if (hidden[0] !== undefined) throw missingRightError(hidden[0])
}

/**
 * Creates the topic of administrative acts if it is missing, and compares it with the settings.
 * @throws RondoError RONDO_LOG_MISMATCH; RONDO_LOG_UNAVAILABLE
 */
export function provisionControl(settings: KafkaSettings): Promise<void> {
  return withAdmin(settings, 'The topic of administrative acts cannot be created or checked', async (admin) => {
    const declared = [controlTopic(settings)]
    const { missing } = await presentAndMissing(admin, declared)
    if (missing.length > 0) await create(admin, missing, settings)
    const differences = await differencesOf(admin, declared)
    if (differences.length > 0) throw mismatchError(differences)
  })
}

/**
 * Checks whether a log can be copied: only `activity` is needed, with at least as many partitions as in the settings, and no records in
 * surplus partitions. The registry of writers is created if it is missing.
 * @throws RondoError RONDO_LOG_MISMATCH; RONDO_LOG_UNAVAILABLE
 */
export function provisionCopy(settings: KafkaSettings): Promise<void> {
  return withAdmin(settings, 'The log cannot be checked', async (admin) => {
    const activity = topicOf(settings, 'activity')
    const declared = declareTopics(settings).filter(({ topic }) => topic === 'activity' || topic === 'writers')
    const { missing } = await presentAndMissing(admin, declared)
    if (missing.some(({ topic }) => topic === 'activity')) throw cannotBeCopied(`There is no topic ${activity}.`)
    if (missing.length > 0) await create(admin, missing, settings)
    const ends = await admin.fetchTopicOffsets(activity)
    if (ends.length < settings.partitions) throw cannotBeCopied(`The topic ${activity} has ${ends.length} partitions, not ${settings.partitions}.`)
    const surplus = ends.find(({ partition, high }) => partition >= settings.partitions && high !== '0')
    if (surplus !== undefined)
      throw cannotBeCopied(`The topic ${activity} holds records in partition ${surplus.partition}, beyond the first ${settings.partitions}.`)
  })
}

/** Does `work` with an admin client, and repeats all of it while some broker does not know a new topic yet. */
async function withAdmin(settings: KafkaSettings, failureText: string, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = newKafka(settings, { ...retrySettings, retries: ATTEMPTS_MAX }).admin()
  try {
    await admin.connect()
    await retry(() => work(admin), RETRIES_UNTIL_KNOWN)
  } catch (failure) {
    throw kafkaFailure(failureText, failure)
  } finally {
    await admin.disconnect()
  }
}

async function create(admin: Admin, missing: readonly TopicDeclaration[], settings: KafkaSettings): Promise<void> {
  await checkVisible(settings, missing)
  const topics = missing.map(({ name, partitions, replication, config }) => ({
    topic: name,
    numPartitions: partitions,
    replicationFactor: replication,
    configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
  }))
  try {
    // The result is false if another process has created the topics meanwhile. `waitForLeaders` fails at the first broker that does not know them yet.
    await admin.createTopics({ topics, waitForLeaders: false })
  } catch (failure) {
    if (!isOfType(failure, 'TOPIC_ALREADY_EXISTS')) throw failure
  }
  await awaitLeaders(missing, settings)
}

/** Waits until each partition has a leader: until then every request to it fails. */
async function awaitLeaders(topics: readonly TopicDeclaration[], settings: KafkaSettings): Promise<void> {
  const cluster = newCluster(settings)
  try {
    for (const { name, partitions } of topics) {
      for (let partition = 0; partition < partitions; partition++) await retry(() => new PartitionLog(cluster, name, partition).bounds(), RETRIES_UNTIL_KNOWN)
    }
  } finally {
    await cluster.disconnect()
  }
}

/** @throws RondoError RONDO_LOG_INCOMPLETE if topics are missing while others hold records: empty topics would hide the loss */
async function checkUnused(admin: Admin, declared: readonly TopicDeclaration[], settings: KafkaSettings): Promise<void> {
  const used = await usedTopics(admin, declared, settings)
  if (used.length === 0) return
  // A second check, since another process may have created all of them meanwhile, and written records.
  const { missing } = await presentAndMissing(admin, declared)
  if (missing.length > 0) throw topicsDeleted(missing, used)
}

/** The existing topics to which records were ever written. */
async function usedTopics(admin: Admin, declared: readonly TopicDeclaration[], settings: KafkaSettings): Promise<TopicDeclaration[]> {
  const { present } = await presentAndMissing(admin, declared)
  // Another process may have just created them, so that they have no leaders yet.
  await awaitLeaders(present, settings)
  const ends = await Promise.all(present.map(({ name }) => admin.fetchTopicOffsets(name)))
  return present.filter((_, i) => ends[i]?.some(({ high }) => high !== '0'))
}

/** The error for topics that are not kept as they were declared. */
export function mismatchError(differences: readonly string[]): RondoError {
  const list = differences.join('; ')
  return new RondoError(
    'RONDO_LOG_MISMATCH',
    `The topics are not kept as they were declared (${list}). Change the topics or the configuration. The number of partitions of a log cannot change: to get another number, copy the log into new topics by rondo repartition, with the --partitions that the apps had (docs/guides/operate.md, Growing).`,
  )
}

function topicsDeleted(missing: readonly TopicDeclaration[], used: readonly TopicDeclaration[]): RondoError {
  const [lost, kept] = [missing, used].map((topics) => topics.map(({ name }) => name).join(', '))
  return new RondoError(
    'RONDO_LOG_INCOMPLETE',
    `These topics were deleted: ${lost}; records are still in ${kept}. Empty topics in their place would hide this loss. Restore them; or, if activity is complete, make the others again from it by rondo repartition (docs/guides/operate.md, A lost position).`,
  )
}

function cannotBeCopied(message: string): RondoError {
  return new RondoError('RONDO_LOG_MISMATCH', `${message} Check --prefix and --partitions: they are those that the apps had.`)
}
