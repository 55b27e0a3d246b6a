/**
 * Times of a processor in its group and of its transactions, in milliseconds. What they mean together: a process that dies is replaced
 * after `sessionMs`; one that hangs for longer than that, or holds a transaction open for longer than `transactionMs`, is fenced.
 */
export interface KafkaTimes {
  /** Without a heartbeat for this long a process has lost its partitions. Brokers allow 6 s and more unless told otherwise. */
  readonly sessionMs: number
  readonly heartbeatMs: number
  /** How long a rebalance waits for members to join again. Members of Rondo join at once, so it is short. */
  readonly rebalanceMs: number
  /** An open transaction of a dead process hides what comes after it from readers, until another takes over or this has passed. */
  readonly transactionMs: number
  /** An answer that takes longer counts as none. */
  readonly requestMs: number
}
export const defaultTimes: KafkaTimes = { sessionMs: 10_000, heartbeatMs: 1000, rebalanceMs: 15_000, transactionMs: 30_000, requestMs: 15_000 }

export interface KafkaSettings {
  /** host:port of some of the brokers. */
  readonly brokers: readonly string[]
  /** Put before the name of each topic. */
  readonly prefix?: string
  /** The consumer group of the processors of one generation. It also names their transactions, so it tells deployments apart. */
  readonly group: string
  /** Fixed when the topics are made. */
  readonly partitions: number
  /** How many brokers keep a copy of each record; fixed when the topics are made. */
  readonly replication: number
  /** How long `activity` keeps its records; for ever where it is undefined. */
  readonly activityRetentionMs?: number | undefined
  /** What the states are folded by, name to value (cycle, definition, generation): kept with the position and compared by the next owner. */
  readonly identity: Readonly<Record<string, string>>
  readonly times?: Partial<KafkaTimes>
}

/**
 * Waits between attempts that grow so slowly that a transaction which meets the end of the one before is only a few milliseconds late:
 * with kafkajs' defaults it would be 300. In all about 20 s of patience.
 */
export const retrySettings = { initialRetryTime: 2, factor: 0, multiplier: 1.05, maxRetryTime: 500, retries: 140 }
