import { literal } from './sql-text.ts'

/** Only actors whose newest value of a trait is this one. */
export interface TraitFilter {
  readonly trait: string
  /** Null: only actors without this trait. */
  readonly value: string | null
}

/**
 * The condition of SQL that all filters hold, for rows with the column `actor`.
 * @param column its name
 */
export function matching(where: readonly TraitFilter[] | undefined, column = 'actor'): string {
  const conditions = (where ?? []).map(({ trait, value }) => {
    const having = `SELECT actor FROM traits WHERE name = ${literal(trait)}`
    return value === null ? `${column} NOT IN (${having})` : `${column} IN (${having} AND value = ${literal(value)})`
  })
  return ['TRUE', ...conditions].join(' AND ')
}
