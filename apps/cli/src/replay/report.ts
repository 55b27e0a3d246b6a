import { type CycleDefinition, formatInstant } from '#contracts'
import { timeZoneData } from '#runtime'
import { inputName } from '../rows/input-file.ts'
import { describeNoRows } from '../rows/no-rows.ts'
import { REFUSALS_NAMED_MAX } from '../rows/refused-rows.ts'
import type { ReplayReport } from './replay.ts'
import type { ReplayPlan } from './replay-plan.ts'

const LABEL_WIDTH = 26
const NUMBER_WIDTH = 9
const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** The summary of a replay, for people. Numbers have no separators of thousands, so that programs can read them too. All times are UTC. */
export function replaySummary(report: ReplayReport, { definition, rows }: ReplayPlan, elapsedMs: number): string {
  const input = inputName(rows.input.path)
  const head = `Replayed ${input} with ${definition.cycle} version ${definition.version} in ${(elapsedMs / 1000).toFixed(2)} s.`
  const counts = [...rowCounts(report), ...eventCounts(report), ...outputCounts(report)]
  return `${[head, ...times(report), ...counts.map(([label, count]) => countLine(label, count)), ...stageLines(report, definition), ...remarks(report)].join('\n')}\n`
}

/** A line of the report. */
type Count = readonly [label: string, count: number]

const countLine = (label: string, count: number): string => `  ${label.padEnd(LABEL_WIDTH)}${String(count).padStart(NUMBER_WIDTH)}`

function times({ span, end, changingZone }: ReplayReport): string[] {
  const days = changingZone === undefined ? 'no outcome depends on it' : `local days of ${changingZone}`
  const zones = `  time zone data ${timeZoneData}: ${days}`
  if (end === undefined) return [zones]
  const events = span === undefined ? 'no events' : `events from ${formatInstant(span.first)} to ${formatInstant(span.last)}`
  return [`  ${events}, time passed to ${formatInstant(end)} (UTC)`, zones]
}

function rowCounts({ rows: { read, refused, leftOut } }: ReplayReport): Count[] {
  return [
    ['rows read', read],
    ['  refused', refused],
    ['  left out by --from', leftOut.from],
    ['  left out by --to', leftOut.to],
    ['  left out by --where', leftOut.where],
    ['events', read - refused - leftOut.from - leftOut.to - leftOut.where],
  ]
}

function eventCounts({ events, actors }: ReplayReport): Count[] {
  return [
    ['  in order', events.applied],
    ['  out of order', events['out-of-order']],
    ['  duplicates', events.duplicate],
    ['  late (grace)', events['late-grace']],
    ['  late (bound)', events['late-bound']],
    ['  of no signal', events.unmatched],
    ['  of another actor type', events['other-actor']],
    ...(events['not-addressed'] === 0 ? [] : [['  that name no actor', events['not-addressed']] as const]),
    ['actors', actors],
  ]
}

function outputCounts({ stages, retractions }: ReplayReport): Count[] {
  const { notice, retraction: _, 'definition-change': __, ...transitions } = stages.kinds
  const total = Object.values(transitions).reduce((sum, count) => sum + count, 0)
  return [
    ['transitions in effect', total],
    ...Object.entries(transitions).map(([kind, count]): Count => [`  ${kind}`, count]),
    ['notices in effect', notice],
    ['retractions', retractions],
  ]
}

function stageLines({ stages, actors }: ReplayReport, definition: CycleDefinition): string[] {
  const ids = definition.stages.map(({ id }) => id)
  const inStages = ids.reduce((sum, id) => sum + stages.actorsIn(id), 0)
  const inNoStage = actors - inStages
  const title = `  ${'stage at the end'.padEnd(LABEL_WIDTH)}${'actors'.padStart(NUMBER_WIDTH)}  median dwell time`
  const lines = ids.map((id) => `${countLine(`  ${id}`, stages.actorsIn(id))}  ${durationText(stages.medianDwell(id))}`)
  return [title, ...(inNoStage === 0 ? [] : [`${countLine('  start', inNoStage)}  no stage entered yet`]), ...lines]
}

function durationText(ms: number | undefined): string {
  if (ms === undefined) return '-'
  const [size, unit] = UNITS.find(([least]) => ms >= least) ?? [1, 'ms']
  return `${Number((ms / size).toFixed(1))} ${unit}`
}

function remarks({ rows, events, remarks: lines }: ReplayReport): string[] {
  const unnamed = rows.refused - REFUSALS_NAMED_MAX
  return [
    ...describeNoRows(rows, 'nothing was folded'),
    ...(unnamed > 0 ? [unnamed === 1 ? '1 more refused row is not named.' : `${unnamed} more refused rows are not named.`] : []),
    ...(events['late-bound'] > 0 ? ['Some events were late because journals were full: raise "journal" or "journals" in the definition.'] : []),
    ...lines,
  ]
}
