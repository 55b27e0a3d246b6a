/** The options of `rondo verify`, not yet checked. */
export interface VerifyFlags {
  readonly data?: string
  readonly definition: readonly string[]
  readonly archive?: string
  readonly scratch?: string
  readonly brokers?: string
  readonly prefix: string
  readonly group: string
  readonly partitions: string
  readonly firstCycle?: string
  readonly generation: string
  readonly redisPrefix: string
}
