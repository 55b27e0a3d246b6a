import type { RowFlags } from '../rows/row-flags.ts'

/** The options of `rondo replay` not yet checked. */
export interface ReplayFlags extends RowFlags {
  readonly definition?: string
  readonly until?: string
  readonly effective?: boolean
  readonly output: string
  readonly late?: string
  readonly batch: string
}
