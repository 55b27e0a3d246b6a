import type { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'
import { inTransaction } from './database-file.ts'

/** The table `meta` of a file. */
export function metaOf(db: DatabaseSync): Map<string, string> {
  return new Map(
    db
      .prepare('SELECT name, value FROM meta')
      .all()
      .map((row) => [String(row['name']), String(row['value'])]),
  )
}

/**
 * Writes the identity of the file if it has none yet; otherwise compares.
 * @param remedy what to do where nothing else is advised
 * @throws RondoError RONDO_DATA_MISMATCH
 */
export function checkMeta(db: DatabaseSync, path: string, expected: Readonly<Record<string, string>>, remedy = 'Start with what it was made with'): void {
  const stored = metaOf(db)
  if (stored.size === 0) {
    const insert = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?)')
    inTransaction(db, () => {
      for (const [name, value] of Object.entries(expected)) insert.run(name, value)
    })
    return
  }
  for (const name of new Set([...stored.keys(), ...Object.keys(expected)])) {
    if (stored.get(name) !== expected[name]) throw mismatch(path, { name, stored: stored.get(name), expected: expected[name] }, remedy)
  }
}

const advice: Readonly<Record<string, string>> = {
  folder: 'Bring back the files that belong together',
  definition: 'The rules have changed since, and what is stored follows the old ones: start with the definition as it was',
  fold: 'This version of Rondo folds some logs to other outcomes: delete the file, and all is folded again from log.db beside it',
}

/** A field of the identity that differs between a file and this process. */
interface Difference {
  readonly name: string
  readonly stored: string | undefined
  readonly expected: string | undefined
}

function mismatch(path: string, { name, stored = 'none', expected = 'none' }: Difference, remedy: string): RondoError {
  return new RondoError(
    'RONDO_DATA_MISMATCH',
    `The data file ${path} was made with ${name} ${stored}, not ${expected}. ${advice[name] ?? remedy}, or choose another data folder.`,
  )
}
