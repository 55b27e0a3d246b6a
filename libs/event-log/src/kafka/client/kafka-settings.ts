import type { KafkaSecurity } from './kafka-security.ts'

/**
 * Times of a processor in its group and of its transactions, in milliseconds. A process that dies is replaced
 * after `sessionMs`; one that hangs for longer than that, or holds a transaction open for longer than `transactionMs`, is fenced.
 */
export interface KafkaTimes {
  /** Without a heartbeat for this long a process loses its partitions. Brokers allow 6 s and more by default. */
  readonly sessionMs: number
  readonly heartbeatMs: number
  /** How long a rebalance waits for members to join again. Members of Rondo join at once, so it is short. */
  readonly rebalanceMs: number
  /** An open transaction of a dead process hides later records from readers, until another process takes over or this time has passed. */
  readonly transactionMs: number
  /** A request without an answer for so long has failed. */
  readonly requestMs: number
}
/** The times of a deployment that sets none. */
export const defaultTimes: KafkaTimes = { sessionMs: 10_000, heartbeatMs: 1000, rebalanceMs: 15_000, transactionMs: 30_000, requestMs: 15_000 }

/** How a process reaches Kafka, and to which deployment of Rondo it belongs. */
export interface KafkaSettings {
  /** host:port of some of the brokers. */
  readonly brokers: readonly string[]
  /** Neither encrypted nor logged in if it is undefined. */
  readonly security?: KafkaSecurity | undefined
  /** Put before the name of each topic. */
  readonly prefix?: string
  /** The consumer group of the processors of one generation. Their transactional ids contain it, so it distinguishes deployments. */
  readonly group: string
  /** Fixed when the topics are created. */
  readonly partitions: number
  /** How many brokers keep a copy of each record; fixed when the topics are created. */
  readonly replication: number
  /** How long `activity` keeps its records; for ever if it is undefined. */
  readonly activityRetentionMs?: number | undefined
  /** Whether the beginning of `activity` may be in an archive: then a log that begins later can be folded from its beginning. */
  readonly isArchived?: boolean
  /** The inputs that the fold depends on, name to value (cycle, definition, generation): stored with the position and compared by the next owner. */
  readonly identity: Readonly<Record<string, string>>
  /** The cycle whose name is in the names of its topics, of the group that keeps its positions, and of its transactions. Undefined for names without a cycle. */
  readonly cycle?: string | undefined
  /** The other cycles that are folded from the same log. */
  readonly others?: readonly KafkaCycle[]
  readonly times?: Partial<KafkaTimes>
}

/** What distinguishes one cycle of a deployment from the others. */
export type KafkaCycle = Pick<KafkaSettings, 'identity' | 'cycle'>

/** The settings of each cycle alone, in their order. */
export function cyclesOf(settings: KafkaSettings): KafkaSettings[] {
  const { others = [], ...first } = settings
  return [first, ...others.map((cycle) => ({ ...first, cycle: undefined, ...cycle }))]
}

/** The name of the cycle itself, whether or not it is in names. */
export function cycleNameOf({ identity }: KafkaCycle): string {
  return identity['cycle'] ?? ''
}

/** The group whose offsets are the positions of a cycle. Processors are members of the group without a cycle in its name; the others have no members. */
export function positionGroupOf({ group, cycle }: KafkaSettings): string {
  return cycle === undefined ? group : `${group}.${cycle}`
}

/** A partition of `activity`, and the cycle that folds it if it has its name in those of its topics, for messages. */
export function foldedPartitionText({ prefix = '', cycle }: KafkaSettings, partition: number): string {
  return `partition ${partition} of ${prefix}activity${cycle === undefined ? '' : `, folded for the cycle ${cycle},`}`
}

/**
 * The retries of kafkajs. The time between attempts grows slowly, so a transaction that comes before the end of the previous one is delayed by a few milliseconds only;
 * with kafkajs' defaults it would be 300. In all about 20 s.
 */
export const retrySettings = { initialRetryTime: 2, factor: 0, multiplier: 1.05, maxRetryTime: 500, retries: 140 }
