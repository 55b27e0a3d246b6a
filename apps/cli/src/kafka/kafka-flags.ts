/** The options of `rondo kafka`, not yet checked. */
export interface KafkaFlags {
  readonly brokers?: string
  readonly prefix: string
  readonly group: string
  readonly partitions: string
  readonly replication: string
  readonly definition?: readonly string[]
  readonly firstCycle?: string
  readonly activityRetention?: string
  readonly archive?: string
  readonly as: string
  readonly dryRun?: boolean
  readonly app?: string
  readonly principal?: string
  readonly sourceTopic?: readonly string[]
}
