import type { Instant } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import { codesOf, PackedDurations } from '../statistics/packed-durations.ts'
import type { SurvivalCurve } from '../statistics/survival-curve.ts'
import { literal } from './sql-text.ts'

/** Durations that a statement of SQL gives, in groups. */
export interface GroupedDurations {
  /** Has the columns `group_number` (from 0 on), `ms`, and `way`: the number of the way in which the duration ended, or NULL where it was censored. */
  readonly sql: string
  readonly ways: number
  /** How many durations each group has, and the longest one. */
  readonly groups: readonly DurationGroup[]
}

/** How many durations there are, and the longest one. */
interface DurationGroup {
  readonly subjects: number
  readonly longestMs: number
}

/**
 * The curve of each group. DuckDB sorts one column of whole numbers, each of which has the group, the duration and the way out, and the curves are made
 * while it is read.
 */
export async function curvesOf(reader: HistoryReader, { sql, ways, groups }: GroupedDurations): Promise<SurvivalCurve[]> {
  const codes = codesOf(ways)
  const span = (Math.max(0, ...groups.map(({ longestMs }) => longestMs)) + 1) * codes
  const read = groups.map(({ subjects, longestMs }) => new PackedDurations({ subjects, longestMs, ways }))
  const packed = `SELECT group_number::BIGINT * ${span} + ms * ${codes} + coalesce(way, ${ways}) AS packed FROM (${sql})`
  await reader.numbers(`SELECT packed::DOUBLE FROM (${packed}) ORDER BY packed`, (chunk = new Float64Array(0)) => {
    for (let from = 0; from < chunk.length; ) {
      const group = Math.floor((chunk[from] as number) / span)
      const until = firstFrom(chunk, from, (group + 1) * span)
      read[group]?.take(chunk.subarray(from, until), group * span)
      from = until
    }
  })
  return read.map((durations) => durations.curve())
}

/** The first place at or after `from` whose number is not below a limit; the numbers ascend. */
function firstFrom(numbers: Float64Array, from: number, limit: number): number {
  if ((numbers.at(-1) as number) < limit) return numbers.length
  let [low, high] = [from, numbers.length - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] as number) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Until when what has not ended was seen; no stay began before it where history is not complete to any time yet. */
const seenUntil = (asOf: Instant): string => (Number.isFinite(asOf) ? String(BigInt(asOf)) : 'NULL')

/** An expression of SQL: how long something lasted from `from` on, until `until`, or, where that is NULL, until it was seen for the last time. */
export const lasted = (from: string, until: string, asOf: Instant): string => `greatest(0, coalesce(${until}, ${seenUntil(asOf)}, ${from}) - ${from})`

/** An expression of SQL: the place of a text in a list, or NULL. */
export const placeIn = (column: string, texts: readonly string[]): string =>
  texts.length === 0 ? 'NULL' : `CASE ${column} ${texts.map((text, place) => `WHEN ${literal(text)} THEN ${place}`).join(' ')} END`
