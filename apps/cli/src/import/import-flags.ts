import type { RowFlags } from '../rows/row-flags.ts'

/** The options of `rondo import` not yet checked. */
export interface ImportFlags extends RowFlags {
  readonly url?: string
  readonly data?: string
  readonly brokers?: string
  readonly prefix?: string
  readonly partitions?: string
  readonly replication?: string
  readonly activityRetention?: string
  readonly archive?: string
  readonly definition?: readonly string[]
  readonly shiftToNow?: boolean
}
