/** A text as a literal of SQL, for what cannot be bound: a list, or a part of a statement that others are made of. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Whole numbers as a list of SQL. BigInt refuses others. */
export const integerList = (numbers: readonly number[]): string => `[${numbers.map(BigInt).join(', ')}]::BIGINT[]`
