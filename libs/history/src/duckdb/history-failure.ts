import { type ErrorCode, RondoError } from '#contracts'

/** Parts of DuckDB's messages, and what they mean for a file. DuckDB has no codes for these failures. */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [/Could not set lock on file/i, 'RONDO_DATA_LOCKED'],
  // It knows files of SQLite and others, and looks for what could read them.
  [/\.duckdb_extension/i, 'RONDO_DATA_FOREIGN'],
  [/No space left|File too large|Disk quota exceeded|max_temp_directory_size/i, 'RONDO_DATA_FULL'],
  [/not a valid DuckDB database file|corrupt|checksum|serializ|failure while replaying WAL|storage version|Could not read enough bytes/i, 'RONDO_DATA_CORRUPT'],
  // After a failure of the disk DuckDB refuses everything until the file is opened again.
  [/database has been invalidated|FATAL|Cannot open file|Could not (read|write)|Permission denied|Read-only file system|IO Error/i, 'RONDO_DATA_UNREADABLE'],
]

const sentences: Partial<Record<ErrorCode, (path: string) => string>> = {
  RONDO_DATA_LOCKED: (path) => `The history ${path} is in use by another process. It is tried again; give each process a folder of its own.`,
  RONDO_DATA_FOREIGN: (path) => `The file ${path} is a database of another program. Move it away, or choose another folder for history.`,
  RONDO_DATA_FULL: (path) => `The disk is full: the history ${path} cannot grow. Nothing was half-written; free some space, and it continues.`,
  RONDO_DATA_CORRUPT: (path) => `The history ${path} is damaged. A running Rondo moves it aside, and makes it again from the feed and the log.`,
  RONDO_DATA_UNREADABLE: (path) => `The history ${path} cannot be read or written. Check its folder, its permissions and the disk.`,
}

/** A failure of the file of a history, not of what it follows: the file has to be opened again. */
export class HistoryFileError extends RondoError {}

/** The RondoError for a failure of DuckDB while a file was in use. All but a failure that nobody expected may pass, so history tries again. */
export function historyFailure(path: string, cause: unknown): RondoError {
  if (cause instanceof RondoError) return cause
  const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
  const code = meanings.find(([pattern]) => pattern.test(detail))?.[1] ?? 'RONDO_INTERNAL'
  const sentence = sentences[code]?.(path) ?? `An unexpected failure while using the history ${path}. Please report it.`
  return new HistoryFileError(code, `${sentence} (${detail})`, { cause, retriable: code !== 'RONDO_INTERNAL' })
}
