/** The options of `rondo archive`, not yet checked. */
export interface ArchiveFlags {
  readonly archive: string
  readonly data?: string
  readonly brokers?: string
  readonly prefix?: string
  readonly partitions?: string
  readonly all?: boolean
  readonly keep?: string
  readonly compact?: boolean
}
