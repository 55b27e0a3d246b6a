import { definitionLimits, parseDuration } from '#contracts'
import { suggestion } from '../nearest-name.ts'
import { type DefinitionParts, located, type MeasureFields, namesOf, type Part } from '../parts.ts'
import type { Report } from '../report.ts'
import { pathFault } from '../subject-path.ts'

const SIGNAL_KEYS = ['count', 'sum', 'days', 'distinct', 'gauge', 'minus', 'last'] as const
const DAY_MS = 86_400_000

/** Signals, paths and windows of each measure. */
export function checkMeasures(parts: DefinitionParts, report: Report): void {
  for (const measure of parts.measures) {
    if (parts.named.signals) checkCounted(measure, namesOf(parts.signals), report)
    for (const key of ['of', 'by'] as const) {
      const fault = measure.fields[key] === undefined ? undefined : pathFault(measure.fields[key])
      if (fault !== undefined) report.error([...measure.path, key], `${key}: ${fault}`)
    }
    checkWindow(measure, report)
  }
}

function checkCounted(measure: Part<MeasureFields>, signals: readonly string[], report: Report): void {
  const counted = SIGNAL_KEYS.flatMap((key) => located(measure.fields[key], [...measure.path, key]).map((one) => ({ ...one, key })))
  for (const { name, path, key } of counted) {
    if (signals.includes(name)) continue
    const hint = name === 'any' ? '; a measure names its signals, any stands only in trigger' : suggestion(name, signals, 'signals')
    report.error(path, `${key}: there is no signal "${name}"${hint}`)
  }
}

function checkWindow({ fields: { within, since }, path }: Part<MeasureFields>, report: Report): void {
  const at = [...path, 'within']
  if (within === undefined) return
  if (since !== undefined) report.error([...path, 'since'], 'since: a measure has within or since, not both; leave one out', 'key')
  const windowMs = parseDuration(within) ?? 0
  const buckets = Math.ceil(windowMs / DAY_MS)
  if (windowMs === 0) report.error(at, 'within: expected a window above 0')
  // Windows up to 48 h have at most 60 buckets, of minutes or hours, so only days can be too many.
  else if (buckets > definitionLimits.windowBuckets) {
    report.error(
      at,
      `within: a window of ${within} has ${buckets} buckets of a day; expected at most ${definitionLimits.windowBuckets}d (leave within out to count for ever)`,
    )
  }
}
