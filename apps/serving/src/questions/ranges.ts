import { z } from 'zod'
import { formatInstant, INSTANT_MAX, INSTANT_MIN, instantSchema } from '#contracts'
import { type Period, type PeriodLength, periodLengths, periodsOf } from '#history'
import { freshnessSchema } from '../answers/freshness.ts'
import { timeParameter, unusable, whereParameter, zoneParameter } from '../answers/query.ts'
import { type AskedHistory, zoneOf } from './asked-history.ts'

/** The query of questions about a range of time, divided into periods. */
export const rangeQuery = z.strictObject({
  from: timeParameter,
  until: timeParameter,
  by: z.enum(periodLengths, { error: `expected one of ${periodLengths.join(', ')}` }).default('day'),
  zone: zoneParameter,
  where: whereParameter,
})

/** What answers about a range begin with. `from` and `until` are those of the first and the last period: whole periods that cover the range. */
export const rangeHead = z.strictObject({
  cycle: z.string(),
  timezone: z.string(),
  from: instantSchema,
  until: instantSchema,
  by: z.enum(periodLengths),
  asOf: freshnessSchema,
})

/**
 * The range of a question, its periods, and the head of its answer but the freshness.
 * @throws RondoError RONDO_ARGUMENT_INVALID for a range that is reversed or too large
 */
export function askedRange(asked: Pick<AskedHistory, 'definition'>, range: { from: number; until: number; by: PeriodLength; zone?: string | undefined }) {
  const { from, until, by, zone: timezone = zoneOf(asked) } = range
  // One name for each zone: a process keeps what it has looked up, and a name may be written in many ways.
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions()
  const asRange = { from, until, by, zone: timeZone }
  const periods = periodsOf(asRange)
  const [first, last] = [periods[0] as Period, periods.at(-1) as Period]
  if (first.from < INSTANT_MIN || last.until > INSTANT_MAX) throw unusable('from and until', 'expected a range whose periods are within the years 1 to 9999')
  return { periods, range: asRange, head: { cycle: asked.definition.cycle, timezone, from: formatInstant(first.from), until: formatInstant(last.until), by } }
}
