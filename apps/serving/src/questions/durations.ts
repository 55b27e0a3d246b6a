import { z } from 'zod'
import { formatInstant, instantSchema } from '#contracts'
import { freshnessSchema } from '../answers/freshness.ts'
import { timeParameter, unusable, whereParameter, zoneParameter } from '../answers/query.ts'
import { type AskedHistory, stageIds, zoneOf } from './asked-history.ts'

const count = z.int().nonnegative()
const share = z.number().min(0).max(1)
const duration = z.int().nonnegative().nullable()

/** The query of questions about what began in a range of time, whose answers are not divided into periods. */
export const durationsQuery = z.strictObject({ from: timeParameter, until: timeParameter, zone: zoneParameter, where: whereParameter })

/** What their answers begin with. */
export const durationsHead = z.strictObject({
  cycle: z.string(),
  timezone: z.string(),
  from: instantSchema,
  until: instantSchema,
  asOf: freshnessSchema,
})

/** The durations by which shares have left; null where so many had not while they were observed. */
export const quantilesSchema = z.strictObject({
  median: duration.meta({ description: 'in milliseconds, as all durations; null if fewer than one half had left while they were observed' }),
  medianLower: duration.meta({ description: 'the 95 % interval of the median' }),
  medianUpper: duration,
  p25: duration,
  p75: duration,
  p90: duration,
})

/** A point of a survival curve. */
export const pointSchema = z.strictObject({
  ms: count,
  atRisk: count.meta({ description: 'how many had a duration of at least `ms`' }),
  events: count.meta({ description: 'how many left since the point before' }),
  censored: count.meta({ description: 'how many were seen for the last time since the point before, without having left' }),
  survival: share.meta({ description: 'the share that has not left by `ms` (Kaplan-Meier)' }),
  lower: share.meta({ description: 'the 95 % band' }),
  upper: share,
})

/** Curves have at most 500 points. */
export const thinnedSchema = z.boolean().meta({ description: 'whether points were left out because there would be more than 500; those that remain are exact' })

/** @throws RondoError RONDO_ARGUMENT_INVALID for a range that is reversed */
export function durationsHeadOf(asked: Pick<AskedHistory, 'definition'>, { from, until, zone }: { from: number; until: number; zone?: string | undefined }) {
  if (from >= until) throw unusable('from and until', 'expected a range that begins before it ends')
  return { cycle: asked.definition.cycle, timezone: zone ?? zoneOf(asked), from: formatInstant(from), until: formatInstant(until) }
}

/** @throws RondoError RONDO_ARGUMENT_INVALID with the stages that there are */
export function checkStage(asked: Pick<AskedHistory, 'definition'>, parameter: string, stage: string): void {
  const ids = stageIds(asked)
  if (!ids.includes(stage)) throw unusable(parameter, `there is no stage ${JSON.stringify(stage.slice(0, 64))}; the stages are ${ids.join(', ')}`)
}
