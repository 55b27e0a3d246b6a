import type { Admin } from 'kafkajs'
import { type Instant, instantOf, RondoError } from '#contracts'
import { retry, untilAborted } from '#runtime'
import type { LiveWriter } from '../../activity/writer-registry.ts'
import { RETRIES_UNTIL_COORDINATED } from '../client/coordinator-refusals.ts'
import { newKafka } from '../client/kafka-client.ts'
import { isOfType, kafkaFailure } from '../client/kafka-failure.ts'
import { type KafkaSettings, retrySettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { KafkaWriterRegistry } from '../log/kafka-writer-registry.ts'
import { newestFrames } from '../log/newest-frames.ts'
import { foldTimesOf, summaryOf } from './committed-position.ts'

/** The newest part of a partition in which the last tick of each writer is searched: minutes of a busy log, hours of an idle one. */
const TICKS_BYTES = 1 << 18

/** The position of a group of processors in a partition. */
interface InspectedFold {
  readonly group: string
  readonly offset: number
  /** Minus infinity before the first tick; undefined if another program has written the offset. */
  readonly logTime: Instant | undefined
  /** The metadata of the last batch, if it is stored beside the offset. */
  readonly partitionMetadata: string | undefined
}

/** A partition of `activity`. */
export interface InspectedPartition {
  readonly partition: number
  /** After the last record. */
  readonly end: number
  readonly folds: readonly InspectedFold[]
  /** The last tick of each writer in the newest part of the partition. */
  readonly ticks: ReadonlyMap<string, Instant>
}

/** A log on Kafka as an operator sees it. */
export interface LogInspection {
  readonly partitions: readonly InspectedPartition[]
  readonly writers: readonly LiveWriter[]
  /** Records of the topic `quarantine`, with the ends of transactions. */
  readonly refused: number
}

/** How long the brokers may take. A person waits for the inspection. */
interface InspectionTimes {
  /** Until the first of them answers. */
  readonly firstAnswerMs: number
  /** Until all is known. */
  readonly allMs: number
}
const defaultInspectionTimes: InspectionTimes = { firstAnswerMs: 10_000, allMs: 60_000 }
/** Brokers that refuse a connection are asked again for some seconds. */
const FEW_RETRIES = { ...retrySettings, retries: 50 }

/**
 * Looks at a log on Kafka without changing anything, and without knowing the definitions: each group that has a position counts.
 * @param settings their number of partitions is not used
 * @throws RondoError RONDO_LOG_UNAVAILABLE, also if the brokers take longer; RONDO_ARGUMENT_INVALID if there is no log under the prefix
 */
export async function inspectKafkaLog(settings: KafkaSettings, { firstAnswerMs, allMs } = defaultInspectionTimes): Promise<LogInspection> {
  const admin = newKafka(settings, FEW_RETRIES).admin()
  const brokers = settings.brokers.join(', ')
  try {
    const connected = await untilAborted(
      admin.connect().then(() => true),
      AbortSignal.timeout(firstAnswerMs),
    )
    if (connected === undefined) throw unanswered(`None of the brokers ${brokers} has answered`, firstAnswerMs)
    const inspection = await untilAborted(inspect(admin, settings), AbortSignal.timeout(allMs))
    if (inspection === undefined) throw unanswered(`The brokers ${brokers} have not answered everything`, allMs)
    return inspection
  } catch (failure) {
    throw kafkaFailure('The log cannot be inspected', failure)
  } finally {
    // A connection that is not there yet cannot be closed; nobody waits for it.
    void admin.disconnect().catch(() => {})
  }
}

function unanswered(what: string, ms: number): RondoError {
  return new RondoError('RONDO_LOG_UNAVAILABLE', `${what} for ${ms / 1000} s. Check --brokers, and that the Kafka brokers are up and can be reached.`, {
    retriable: true,
  })
}

async function inspect(admin: Admin, settings: KafkaSettings): Promise<LogInspection> {
  const topic = topicOf(settings, 'activity')
  const ends = await endsOf(admin, topic)
  const groups = await groupsOf(admin, settings.group)
  const committed = await Promise.all(groups.map(async (group) => ({ group, offsets: await committedOf(admin, group, topic) })))
  const partitions = await Promise.all(
    ends.map(async ({ partition, high }) => {
      const folds = committed.flatMap(({ group, offsets }) => {
        const found = offsets?.partitions.find((one) => one.partition === partition)
        return found === undefined || Number(found.offset) < 0 ? [] : [foldOf(group, found)]
      })
      return { partition, end: Number(high), folds, ticks: ticksIn(await newestFrames(settings, partition, TICKS_BYTES)) }
    }),
  )
  const refused = (await endsOf(admin, topicOf(settings, 'quarantine'))).reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  return { partitions, writers: await writersOf(settings), refused }
}

async function endsOf(admin: Admin, topic: string) {
  try {
    return (await admin.fetchTopicOffsets(topic)).sort((a, b) => a.partition - b.partition)
  } catch (failure) {
    if (!isOfType(failure, 'UNKNOWN_TOPIC_OR_PARTITION')) throw failure
    throw new RondoError('RONDO_ARGUMENT_INVALID', `There is no topic ${topic} on these brokers. Name the prefix of the deployment with --prefix.`)
  }
}

/** The group of the settings, and those of further cycles, which have the name of the cycle behind a dot. */
async function groupsOf(admin: Admin, group: string): Promise<string[]> {
  const { groups } = await admin.listGroups()
  const others = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${group}.`))
  return [group, ...others.sort()]
}

async function committedOf(admin: Admin, groupId: string, topic: string) {
  const answer = await retry(() => admin.fetchOffsets({ groupId, topics: [topic] }), RETRIES_UNTIL_COORDINATED)
  return answer?.[0]
}

function foldOf(group: string, { offset, metadata }: { offset: string; metadata: string | null }): InspectedFold {
  return { group, offset: Number(offset), logTime: foldTimesOf(metadata)?.logTime, partitionMetadata: summaryOf(metadata) }
}

function ticksIn(frames: readonly { readonly frame: string }[]): Map<string, Instant> {
  const ticks = new Map<string, Instant>()
  for (const { frame } of frames) {
    for (const line of frame.split('\n')) {
      if (!line.includes('"tick"')) continue
      const entry = JSON.parse(line) as { record?: string; writer?: string; time?: string }
      if (entry.record !== 'tick' || entry.writer === undefined || entry.time === undefined) continue
      ticks.set(entry.writer, Math.max(ticks.get(entry.writer) ?? Number.NEGATIVE_INFINITY, instantOf(entry.time)))
    }
  }
  return ticks
}

async function writersOf(settings: KafkaSettings): Promise<readonly LiveWriter[]> {
  const registry = new KafkaWriterRegistry(settings)
  try {
    return (await registry.read()).live
  } finally {
    await registry.close()
  }
}
