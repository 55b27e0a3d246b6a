/**
 * A text as a literal of SQL, for what cannot be bound: a list, or a part of a statement that others are made of. DuckDB reads a statement only up to its
 * first NUL, so a text with some is put together.
 */
export function literal(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? (parts[0] as string) : `(${parts.join(' || chr(0) || ')})`
}

/** Whole numbers as a list of SQL. BigInt refuses others. */
export const integerList = (numbers: readonly number[]): string => `[${numbers.map(BigInt).join(', ')}]::BIGINT[]`
