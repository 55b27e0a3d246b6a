import { definitionLimits, type MeasureFields, measurePathKeys, parseDuration } from '#contracts'
import { suggestion } from '../nearest-name.ts'
import { type DefinitionParts, namesOf, type Part, signalsOf } from '../parts.ts'
import type { Report } from '../report.ts'
import { pathDefect } from '../subject-path.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** Signals, paths and windows of each measure. */
export function checkMeasures(parts: DefinitionParts, report: Report): void {
  for (const measure of parts.measures) {
    if (parts.namesKnown.signals) checkCounted(measure, namesOf(parts.signals), report)
    for (const key of measurePathKeys) {
      const path = measure.fields[key]
      const defect = path === undefined ? undefined : pathDefect(path as string)
      if (defect !== undefined) report.error([...measure.path, key], `${key}: ${defect}`)
    }
    checkWindow(measure, report)
  }
}

function checkCounted(measure: Part<MeasureFields>, signals: readonly string[], report: Report): void {
  for (const { name, path, key } of signalsOf(measure)) {
    if (signals.includes(name)) continue
    const hint = name === 'any' ? '; a measure names its signals, any is allowed only in trigger' : suggestion(name, signals, 'signals')
    report.error(path, `${key}: there is no signal "${name}"${hint}`)
  }
}

function checkWindow(measure: Part<MeasureFields>, report: Report): void {
  const { within, since, buckets: size } = measure.fields
  const { path } = measure
  const at = [...path, 'within']
  if (size !== undefined) checkBuckets(measure, size, report)
  if (within === undefined) return
  if (since !== undefined) report.error([...path, 'since'], 'since: a measure has within or since, not both; leave one out', 'key')
  const windowMs = parseDuration(within) ?? 0
  const buckets = Math.ceil(windowMs / DAY_MS)
  if (windowMs === 0) report.error(at, 'within: expected a window above 0')
  // Windows up to 48 h have at most 60 buckets of minutes or hours; only windows of days can have too many.
  else if (size === undefined && buckets > definitionLimits.windowBuckets) {
    report.error(
      at,
      `within: a window of ${within} has ${buckets} buckets of a day; expected at most ${definitionLimits.windowBuckets}d (leave within out to count for ever)`,
    )
  }
}

function checkBuckets({ fields: { within }, path, complete }: Part<MeasureFields>, size: string, report: Report): void {
  const at = [...path, 'buckets']
  const [sizeMs, windowMs] = [parseDuration(size) ?? 0, parseDuration(within ?? '') ?? 0]
  const bucketsMax = definitionLimits.windowBuckets
  if (within === undefined && complete)
    report.error(at, 'buckets: they divide a window, and this measure has no window; add within, or leave buckets out', 'key')
  else if (sizeMs < MINUTE_MS) report.error(at, `buckets: expected at least 1m, got ${size}`)
  else if (windowMs % sizeMs !== 0) report.error(at, `buckets: a window of ${within} is not a multiple of ${size}; expected buckets that divide it`)
  else if (windowMs / sizeMs > bucketsMax) {
    const minutesMin = Math.ceil(windowMs / bucketsMax / MINUTE_MS)
    report.error(
      at,
      `buckets: a window of ${within} has ${windowMs / sizeMs} buckets of ${size}; expected at most ${bucketsMax}, so buckets of at least ${minutesMin}m`,
    )
  }
}
