import { literal } from './sql-text.ts'

/** Only actors whose newest value of a trait is this one. */
export interface TraitFilter {
  readonly trait: string
  readonly value: string
}

/**
 * The condition of SQL that all filters hold, for rows with the column `actor`.
 * @param column its name
 */
export function matching(where: readonly TraitFilter[] | undefined, column = 'actor'): string {
  const conditions = (where ?? []).map(
    ({ trait, value }) => `${column} IN (SELECT actor FROM traits WHERE name = ${literal(trait)} AND value = ${literal(value)})`,
  )
  return ['TRUE', ...conditions].join(' AND ')
}
