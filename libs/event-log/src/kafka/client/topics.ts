import type { KafkaSettings } from './kafka-settings.ts'

/**
 * The topics in the order of the flow. All but `writers` have the same number of partitions: what partition n of `activity` leads to lies in
 * partition n.
 */
const topicNames = ['writers', 'activity', 'transitions', 'late', 'quarantine', 'checkpoints'] as const
export type TopicName = (typeof topicNames)[number]

/** How a topic is to be kept. Names and values are the broker's. */
export interface TopicDeclaration {
  readonly name: string
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
}

/** Nothing is ever deleted unless somebody decides so: the log is the truth that everything else is folded from. */
const KEPT = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
/**
 * Only the newest record of each key counts. Compacted often, since a restore reads what has not been compacted yet, and by
 * segments small enough that the open one, which is never compacted, does not matter.
 */
const COMPACTED = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.3', 'segment.bytes': String(64 << 20), 'segment.ms': '3600000' }
/** A late record holds its whole event and a few fields more, so its limit is above that of an event. */
const RECORD_BYTES_MAX = 2 << 20

/** More than this one frame must not be; the rest of a record is its framing. */
export const FRAME_BYTES_MAX = RECORD_BYTES_MAX - 64 * 1024

const particulars: Readonly<Record<TopicName, Readonly<Record<string, string>>>> = {
  // The broker's clock, so that ingest can tell by its own records whether its clock is right, and who has been silent for how long.
  writers: { ...COMPACTED, 'message.timestamp.type': 'LogAppendTime' },
  activity: { ...KEPT, 'message.timestamp.type': 'LogAppendTime' },
  transitions: KEPT,
  late: KEPT,
  quarantine: KEPT,
  checkpoints: COMPACTED,
}

export function topicOf({ prefix = '' }: KafkaSettings, name: TopicName): string {
  return prefix + name
}

/**
 * The prefix of the deployment of Rondo that a topic belongs to: of this one or of any other on the same brokers, which is known by having
 * all topics. So others may have a topic `activity`, too.
 */
export function prefixOfDeployment(topic: string, present: ReadonlySet<string>): string | undefined {
  for (const name of topicNames) {
    const prefix = topic.slice(0, -name.length)
    if (topic === prefix + name && topicNames.every((other) => present.has(prefix + other))) return prefix
  }
  return undefined
}

/** What the settings ask for. With three copies and more, a record counts as written when two have it. */
export function declareTopics(settings: KafkaSettings): TopicDeclaration[] {
  const { partitions, replication, activityRetentionMs } = settings
  // Packed as it was written: a broker's own standard would have it pack every batch again.
  const config = { 'compression.type': 'producer', 'max.message.bytes': String(RECORD_BYTES_MAX), 'min.insync.replicas': replication >= 3 ? '2' : '1' }
  return topicNames.map((name) => ({
    name: topicOf(settings, name),
    partitions: name === 'writers' ? 1 : partitions,
    replication,
    config: {
      ...config,
      ...particulars[name],
      ...(name === 'activity' && activityRetentionMs !== undefined ? { 'retention.ms': String(activityRetentionMs) } : {}),
    },
  }))
}
