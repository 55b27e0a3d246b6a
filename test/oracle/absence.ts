import { type CycleDefinition, durationMs, type StageDefinition } from '#contracts'
import { DAY, dayOf } from './calendar.ts'
import { type Past, zoneOf } from './measure.ts'

const GAPS_KEPT = 32
const GAPS_NEEDED = 5

/** The gaps between the actor's last active days, in days, oldest first. */
function gapsOf(definition: CycleDefinition, past: Past): number[] {
  const days = [...new Set(past.events.map(({ time }) => dayOf(zoneOf(definition), time)))]
  return days
    .slice(1)
    .map((day, index) => day - (days[index] ?? day))
    .slice(-GAPS_KEPT)
}

/** Whether enough gaps are known for a personal absence (rule 20). */
export const hasPersonalAbsence = (definition: CycleDefinition, past: Past): boolean => gapsOf(definition, past).length >= GAPS_NEEDED

/** The length of a silence that is an absence in a stage, in ms; undefined if the stage has no absence. */
export function absenceOf(definition: CycleDefinition, stage: StageDefinition, past: Past): number | undefined {
  if (stage.absence === undefined || stage.kind === 'lapsed') return undefined
  if (typeof stage.absence === 'string') return durationMs(stage.absence)
  const [floor, ceiling] = [durationMs(stage.absence.floor), durationMs(stage.absence.ceiling)]
  const gaps = gapsOf(definition, past).toSorted((a, b) => a - b)
  if (gaps.length < GAPS_NEEDED) return ceiling
  const usual = (gaps[nearestRank(stage.absence.usual, gaps.length) - 1] ?? 0) * DAY
  return Math.min(ceiling, Math.max(floor, usual))
}

/** The smallest whole number that is at least quantile · count. It is computed with integers, because 0.55 × 20 is slightly above 11 in doubles. */
function nearestRank(quantile: number, count: number): number {
  const [, decimals = ''] = quantile.toFixed(12).split('.')
  const scaled = BigInt(Math.floor(quantile)) * 10n ** 12n + BigInt(decimals)
  const product = scaled * BigInt(count)
  return Number((product + 10n ** 12n - 1n) / 10n ** 12n)
}
