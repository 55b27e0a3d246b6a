import type { RowCounts } from '#sources'

/** Why no row of an input took part, and what may be the cause; nothing where one did. `outcome` says what that means. */
export function sayNoRows({ read, refused, leftOut }: RowCounts, outcome: string): string[] {
  if (read === 0) return [`The input holds no row, so that ${outcome}. Is it the right file?`]
  const left = (['from', 'to', 'where'] as const).filter((option) => leftOut[option] > 0)
  const all = refused + left.reduce((sum, option) => sum + leftOut[option], 0)
  if (all < read) return []
  const causes = [
    ...(refused > 0 ? [`${refused} refused, for the reasons named above`] : []),
    ...left.map((option) => `${leftOut[option]} left out by --${option}`),
  ]
  const [only = ''] = causes
  if (left.length === 0) return [`${sayAll(read)} refused, so that ${outcome}; the reasons are named above.`]
  const said =
    causes.length === 1 ? `${sayAll(read)} ${only.replace(/^\d+ /, '')}, so that ${outcome}.` : `No row took part, so that ${outcome}: ${causes.join(', ')}.`
  return [`${said} ${adviceOn(left)}`]
}

const sayAll = (rows: number): string => (rows === 1 ? 'The only row was' : `All ${rows} rows were`)

function adviceOn(left: readonly string[]): string {
  const where = left.includes('where') ? ['--where compares the text of a field as it stands, blanks and case included'] : []
  const span = left.some((option) => option !== 'where')
    ? [
        `compare ${left
          .filter((option) => option !== 'where')
          .map((option) => `--${option}`)
          .join(' and ')} with the times of the rows`,
      ]
    : []
  const said = [...span, ...where].join('; ')
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
}
