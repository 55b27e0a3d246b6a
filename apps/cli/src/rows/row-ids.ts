import type { CompiledCycle } from '#cycle'
import type { IdClashes, SourceRow } from '#sources'

/** The fold recognizes a copy of an event by its id for at least this long. */
export const rememberMsOf = ({ graceMs, dedupeMs }: CompiledCycle): number => Math.max(graceMs, dedupeMs)

/** Notes the id of a row, unless Rondo made it: made ids are never shared. */
export function noteId(row: SourceRow, ids: IdClashes): void {
  if (row.isIdMade !== true) ids.add({ ...row, times: row })
}
