import type { RowCounts } from '#sources'

/** Explains why no row of an input was used; empty if a row was used. `outcome` is the consequence, for the message. */
export function describeNoRows({ read, refused, leftOut }: RowCounts, outcome: string): string[] {
  if (read === 0) return [`The input has no rows, so that ${outcome}. Is it the right file?`]
  const left = (['from', 'to', 'where'] as const).filter((option) => leftOut[option] > 0)
  const all = refused + left.reduce((sum, option) => sum + leftOut[option], 0)
  if (all < read) return []
  const causes = [
    ...(refused > 0 ? [`${refused} refused, for the reasons named above`] : []),
    ...left.map((option) => `${leftOut[option]} left out by --${option}`),
  ]
  const [only = ''] = causes
  if (left.length === 0) return [`${allRowsText(read)} refused, so that ${outcome}; the reasons are named above.`]
  const reason =
    causes.length === 1
      ? `${allRowsText(read)} ${only.replace(/^\d+ /, '')}, so that ${outcome}.`
      : `No row took part, so that ${outcome}: ${causes.join(', ')}.`
  return [`${reason} ${adviceOn(left)}`]
}

const allRowsText = (rows: number): string => (rows === 1 ? 'The only row was' : `All ${rows} rows were`)

function adviceOn(left: readonly string[]): string {
  const where = left.includes('where') ? ['--where compares the exact text of a field, with blanks and case'] : []
  const span = left.some((option) => option !== 'where')
    ? [
        `compare ${left
          .filter((option) => option !== 'where')
          .map((option) => `--${option}`)
          .join(' and ')} with the times of the rows`,
      ]
    : []
  const reason = [...span, ...where].join('; ')
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`
}
