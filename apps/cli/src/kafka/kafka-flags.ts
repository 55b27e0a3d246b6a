/** The options of `rondo kafka`, not yet checked. */
export interface KafkaFlags {
  readonly brokers?: string
  readonly prefix: string
  readonly group: string
  readonly partitions: string
  readonly replication: string
  readonly activityRetention?: string
  readonly as: string
  readonly dryRun?: boolean
  readonly app?: string
  readonly principal?: string
  readonly sourceTopic?: readonly string[]
}
