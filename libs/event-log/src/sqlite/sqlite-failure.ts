import { type ErrorCode, RondoError } from '#contracts'

/** Extended result codes that are needed beside the primary one: a file is shorter than its header says; the shared-memory file could not grow. */
const extendedCodes: Readonly<Record<number, ErrorCode>> = { 522: 'RONDO_DATA_CORRUPT', 4874: 'RONDO_DATA_FULL' }
/** SQLite's primary result codes, https://sqlite.org/rescode.html. An error in a statement of Rondo means that the schema is damaged. */
const codes: Readonly<Record<number, ErrorCode>> = {
  1: 'RONDO_DATA_CORRUPT', // SQLITE_ERROR
  3: 'RONDO_DATA_UNREADABLE', // SQLITE_PERM
  5: 'RONDO_DATA_LOCKED', // SQLITE_BUSY
  6: 'RONDO_DATA_LOCKED', // SQLITE_LOCKED
  8: 'RONDO_DATA_UNREADABLE', // SQLITE_READONLY
  10: 'RONDO_DATA_UNREADABLE', // SQLITE_IOERR
  11: 'RONDO_DATA_CORRUPT', // SQLITE_CORRUPT
  13: 'RONDO_DATA_FULL', // SQLITE_FULL
  14: 'RONDO_DATA_UNREADABLE', // SQLITE_CANTOPEN
  19: 'RONDO_DATA_CORRUPT', // SQLITE_CONSTRAINT
  20: 'RONDO_DATA_CORRUPT', // SQLITE_MISMATCH
  23: 'RONDO_DATA_UNREADABLE', // SQLITE_AUTH
  26: 'RONDO_DATA_FOREIGN', // SQLITE_NOTADB
}
const fileSystemCodes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'RONDO_DATA_FULL',
  EDQUOT: 'RONDO_DATA_FULL',
  EACCES: 'RONDO_DATA_UNREADABLE',
  EPERM: 'RONDO_DATA_UNREADABLE',
  EROFS: 'RONDO_DATA_UNREADABLE',
  ENOENT: 'RONDO_DATA_UNREADABLE',
  ENOTDIR: 'RONDO_DATA_UNREADABLE',
  EEXIST: 'RONDO_DATA_UNREADABLE',
  EIO: 'RONDO_DATA_UNREADABLE',
  ENAMETOOLONG: 'RONDO_DATA_UNREADABLE',
  // A number in a column that is larger than any that Rondo writes.
  ERR_OUT_OF_RANGE: 'RONDO_DATA_CORRUPT',
}

const sentences: Partial<Record<ErrorCode, (path: string) => string>> = {
  RONDO_DATA_CORRUPT: (path) => `The data file ${path} is damaged. Restore its folder from a backup, or start with an empty folder.`,
  RONDO_DATA_FOREIGN: (path) => `The file ${path} is not a data file of Rondo, or its beginning is damaged. Choose another data folder, or move the file away.`,
  RONDO_DATA_FULL: (path) => `The disk is full: ${path} cannot grow. Nothing was half-written; free some space and try again.`,
  RONDO_DATA_LOCKED: (path) => `The data file ${path} is in use by another process. Stop that one, or choose another data folder.`,
  RONDO_DATA_UNREADABLE: (path) => `The data file ${path} cannot be read or written. Check that it is there, its permissions and the disk.`,
  RONDO_INTERNAL: (path) => `An unexpected failure while using the data file ${path}. Please report it.`,
}

/** The error for a damaged record: `what` names it within the file. */
export function damaged(path: string, what: string): RondoError {
  return new RondoError('RONDO_DATA_CORRUPT', `The data file ${path} is damaged: ${what}. Restore its folder from a backup, or start with an empty folder.`)
}

/** The RondoError for an error that was thrown while a data file was in use. */
export function fileFailure(path: string, cause: unknown): RondoError {
  if (cause instanceof RondoError) return cause
  const code = codeOf(cause)
  const sentence = sentences[code]?.(path) ?? String(cause)
  const detail = cause instanceof Error ? ` (${cause.message})` : ''
  return new RondoError(code, sentence + detail, { cause, retriable: code === 'RONDO_DATA_FULL' || code === 'RONDO_DATA_LOCKED' })
}

/** The RondoError for an error that was thrown while a folder was created. */
export function folderFailure(path: string, cause: unknown): RondoError {
  if (cause instanceof RondoError || codeOf(cause) !== 'RONDO_DATA_UNREADABLE') return fileFailure(path, cause)
  const sentence = `The data folder ${path} cannot be created or read. Check the path, its permissions and the disk.`
  return new RondoError('RONDO_DATA_UNREADABLE', `${sentence} (${(cause as Error).message})`, { cause })
}

function codeOf(cause: unknown): ErrorCode {
  const { code, errcode } = cause as { code?: string; errcode?: number }
  if (errcode !== undefined) return extendedCodes[errcode] ?? codes[errcode & 0xff] ?? 'RONDO_INTERNAL'
  return fileSystemCodes[code ?? ''] ?? 'RONDO_INTERNAL'
}

/** Runs `work`, and turns its errors into a RondoError that names the file. */
export function withinFile<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw fileFailure(path, cause)
  }
}
