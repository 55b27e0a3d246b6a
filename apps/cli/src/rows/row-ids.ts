import type { CompiledCycle } from '#cycle'
import type { IdClashes, SourceRow } from '#sources'

/** For how long the fold tells a copy by its id, at least. */
export const rememberMsOf = ({ graceMs, dedupeMs }: CompiledCycle): number => Math.max(graceMs, dedupeMs)

/** Made ids are never shared. */
export function lookAtId(row: SourceRow, ids: IdClashes): void {
  if (row.isIdMade !== true) ids.saw({ ...row, times: row })
}
