import { cycleNameOf, cyclesOf, type KafkaSettings } from './kafka-settings.ts'

/**
 * The topics in the order of the flow. All but `writers` have the same number of partitions: everything that follows from partition n of
 * `activity` is in partition n.
 */
const topicNames = ['writers', 'activity', 'transitions', 'late', 'quarantine', 'checkpoints'] as const
/** The name of a topic without the prefix of its deployment, and without its cycle. */
export type TopicName = (typeof topicNames)[number] | 'names' | 'control'
/** The topics of which each cycle has its own. All cycles share the others. */
const CYCLE_TOPICS: ReadonlySet<string> = new Set<TopicName>(['transitions', 'late', 'checkpoints', 'names'])
/** The topics that every deployment has, whatever its cycles are. */
const SHARED_TOPICS = topicNames.filter((name) => !CYCLE_TOPICS.has(name))

/** The declared settings of a topic. Names and values are the broker's. */
export interface TopicDeclaration {
  /** Its full name. */
  readonly name: string
  readonly topic: TopicName
  /** The cycle that it belongs to; undefined if all share it. */
  readonly cycle?: string
  readonly partitions: number
  readonly replication: number
  readonly config: Readonly<Record<string, string>>
  /** Settings that an operator may change. */
  readonly tunable?: readonly string[]
}

/** Nothing is deleted unless an operator sets a retention: everything else is folded from this log. */
const KEPT = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
/**
 * Only the newest record of each key is needed. Compacted often, since a restore reads what has not been compacted yet, and with
 * small segments, since the open one is never compacted.
 */
const COMPACTED = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.3', 'segment.bytes': String(64 << 20), 'segment.ms': '3600000' }
/** Nothing follows from refused events, and they may hold personal data. Old segments are removed as a whole, so they are small. */
const REFUSED = {
  'cleanup.policy': 'delete',
  'retention.ms': String(30 * 86_400_000),
  'retention.bytes': String(256 << 20),
  'segment.bytes': String(64 << 20),
  'segment.ms': '86400000',
}
/** A late record contains its whole event and a few fields more, so its limit is above that of an event. */
const RECORD_BYTES_MAX = 2 << 20

/** The size limit of a frame; the rest of a record is its framing. */
export const FRAME_BYTES_MAX = RECORD_BYTES_MAX - 64 * 1024

const topicConfigs: Readonly<Record<(typeof topicNames)[number], Readonly<Record<string, string>>>> = {
  // Times come from the broker's clock: ingest compares its own clock with them, and computes how long other writers have been silent.
  writers: { ...COMPACTED, 'message.timestamp.type': 'LogAppendTime' },
  activity: { ...KEPT, 'message.timestamp.type': 'LogAppendTime' },
  transitions: KEPT,
  late: KEPT,
  quarantine: REFUSED,
  checkpoints: COMPACTED,
}

/** The full name of a topic. The name of a cycle follows that of the topic, so that one rule of access by prefix covers those of all cycles. */
export function topicOf({ prefix = '', cycle }: KafkaSettings, name: TopicName): string {
  return prefix + (cycle === undefined || !CYCLE_TOPICS.has(name) ? name : `${name}.${cycle}`)
}

/** Whether a topic of Rondo has this name, without prefix and cycle. */
export function isTopicName(name: string): boolean {
  return CYCLE_TOPICS.has(name) || (SHARED_TOPICS as readonly string[]).includes(name) || name === 'control'
}

/**
 * The prefix of the deployment of Rondo that a topic belongs to: this one or any other on the same brokers. A deployment is recognized by having
 * all topics that cycles share, so another program may have a topic `activity`, too.
 */
export function prefixOfDeployment(topic: string, present: ReadonlySet<string>): string | undefined {
  const [, ofCycle] = /^(.*)\.[A-Za-z][A-Za-z0-9_-]*$/.exec(topic) ?? []
  for (const name of [...SHARED_TOPICS, ...CYCLE_TOPICS, 'control']) {
    for (const bare of CYCLE_TOPICS.has(name) && ofCycle !== undefined ? [topic, ofCycle] : [topic]) {
      const prefix = bare.slice(0, -name.length)
      if (bare === prefix + name && SHARED_TOPICS.every((other) => present.has(prefix + other))) return prefix
    }
  }
  return undefined
}

/** The configuration of every topic. With three copies and more, a record counts as written when two have it. */
function commonConfig({ replication }: KafkaSettings): Record<string, string> {
  // Compressed as it was written: otherwise the broker might compress every batch again.
  return { 'compression.type': 'producer', 'max.message.bytes': String(RECORD_BYTES_MAX), 'min.insync.replicas': replication >= 3 ? '2' : '1' }
}

/** The topic of administrative acts. It is not among the others, since nothing is folded from it, and older deployments lack it. */
export function controlTopic(settings: KafkaSettings): TopicDeclaration {
  const { replication } = settings
  return { name: topicOf(settings, 'control'), topic: 'control', partitions: 1, replication, config: { ...commonConfig(settings), ...KEPT } }
}

/** The topics of the names of events, one for each cycle. Older deployments lack them: what is missing in them is counted from then on. */
export function namesTopics(settings: KafkaSettings): TopicDeclaration[] {
  const { partitions, replication } = settings
  const config = { ...commonConfig(settings), ...COMPACTED }
  return cyclesOf(settings).map((one) => ({ name: topicOf(one, 'names'), topic: 'names', cycle: cycleNameOf(one), partitions, replication, config }))
}

/** The topics of all cycles with their declared settings. */
export function declareTopics(settings: KafkaSettings): TopicDeclaration[] {
  return topicNames.flatMap((topic) =>
    CYCLE_TOPICS.has(topic) ? cyclesOf(settings).map((one) => ({ ...declared(one, topic), cycle: cycleNameOf(one) })) : [declared(settings, topic)],
  )
}

function declared(settings: KafkaSettings, topic: (typeof topicNames)[number]): TopicDeclaration {
  const { partitions, replication, activityRetentionMs } = settings
  return {
    name: topicOf(settings, topic),
    topic,
    partitions: topic === 'writers' ? 1 : partitions,
    replication,
    ...(topic === 'quarantine' ? { tunable: ['retention.ms', 'retention.bytes'] } : {}),
    config: {
      ...commonConfig(settings),
      ...topicConfigs[topic],
      ...(topic === 'activity' && activityRetentionMs !== undefined ? { 'retention.ms': String(activityRetentionMs) } : {}),
    },
  }
}

/** All topics of a deployment. */
export function allTopics(settings: KafkaSettings): TopicDeclaration[] {
  return [...declareTopics(settings), ...namesTopics(settings), controlTopic(settings)]
}
