import { formatInstant } from '#contracts'
import { inputName } from '../rows/input-file.ts'
import { describeNoRows } from '../rows/no-rows.ts'
import { REFUSALS_NAMED_MAX } from '../rows/refused-rows.ts'
import type { ImportReport } from './import.ts'

const LABEL_WIDTH = 26
const NUMBER_WIDTH = 9
const DAY_MS = 86_400_000

/** The summary of an import, for people. Numbers have no separators of thousands, so that programs can read them too. All times are UTC. */
export function importSummary(report: ImportReport, where: { input: string; target: string }, elapsedMs: number): string {
  const { rows, refusedLater, before, span, shiftMs, remarks } = report
  const refused = rows.refused + refusedLater
  const counts: [string, number][] = [
    ['rows read', rows.read],
    ['  refused', refused],
    ['  left out by --from', rows.leftOut.from],
    ['  left out by --to', rows.leftOut.to],
    ['  left out by --where', rows.leftOut.where],
    ['events in the log', report.all - refused],
    ...(before > 0 ? [['rows imported before', before] as [string, number]] : []),
  ]
  const lines = [
    `Imported ${inputName(where.input)} into ${where.target} in ${(elapsedMs / 1000).toFixed(2)} s.`,
    ...(span === undefined ? [] : [`  rows from ${formatInstant(span.first)} to ${formatInstant(span.last)} (UTC)`]),
    ...(shiftMs === 0 ? [] : [`  all times moved by ${shiftMs} ms (${(shiftMs / DAY_MS).toFixed(1)} days)`]),
    ...counts.map(([label, count]) => `  ${label.padEnd(LABEL_WIDTH)}${String(count).padStart(NUMBER_WIDTH)}`),
    ...describeNoRows({ ...rows, refused }, 'this import put no event into the log'),
    ...(refused > 0 ? [`${refused === 1 ? 'The refused row is' : 'The refused rows are'} kept in quarantine, with the reason.`] : []),
    ...remarks,
    ...foldText(report),
    ...(refused > REFUSALS_NAMED_MAX
      ? [refused - REFUSALS_NAMED_MAX === 1 ? '1 more refused row is not named.' : `${refused - REFUSALS_NAMED_MAX} more refused rows are not named.`]
      : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Reports that the fold has not reached the last row. All rows are in the log. */
function foldText({ span, foldedAt }: ImportReport): string[] {
  if (span === undefined || foldedAt === undefined || (foldedAt !== null && foldedAt >= span.last)) return []
  const where = foldedAt === null ? 'has not begun' : `is at ${formatInstant(foldedAt)}`
  return [`Counts are still catching up: all events are in the log, and the fold ${where}. GET /v1/health gives its position as logTime.`]
}
