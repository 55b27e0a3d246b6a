import { basename } from 'node:path'
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

/** A state file is computed from the log, so that it alone can be deleted. */
const STATE_FILE = /^state(-.+)?\.db$/
const damageAdvice = (path: string): string =>
  STATE_FILE.test(basename(path))
    ? 'Stop Rondo and delete this one file: its content is folded again from log.db beside it, and from the archive (--archive) if the log was trimmed.'
    : 'Restore its folder from a backup, or start with an empty folder.'
const foreignAdvice = (path: string): string =>
  STATE_FILE.test(basename(path))
    ? 'Move this one file away: a state is folded again from log.db beside it'
    : 'Choose another data folder, or move the file away'

/** With these codes one state file cannot be used, while the folder and the states of other cycles can. */
const unusableStateCodes: readonly ErrorCode[] = ['RONDO_DATA_CORRUPT', 'RONDO_DATA_FOREIGN', 'RONDO_DATA_UNREADABLE']

/** Gives the failure of one state file, with which other cycles can continue. @throws any other failure */
export function stateFailure(failure: unknown): RondoError {
  if (failure instanceof RondoError && unusableStateCodes.includes(failure.code)) return failure
  throw failure
}

/** The error for a file that another program has made. */
export function foreignFile(path: string): RondoError {
  return new RondoError('RONDO_DATA_FOREIGN', `The file ${path} is not a ${basename(path)} of Rondo. ${foreignAdvice(path)}.`)
}

const sentences: Partial<Record<ErrorCode, (path: string) => string>> = {
  RONDO_DATA_CORRUPT: (path) => `The data file ${path} is damaged. ${damageAdvice(path)}`,
  RONDO_DATA_FOREIGN: (path) => `The file ${path} is not a data file of Rondo, or its beginning is damaged. ${foreignAdvice(path)}.`,
  RONDO_DATA_FULL: (path) => `The disk is full: ${path} cannot grow. Nothing was half-written; free some space and try again.`,
  RONDO_DATA_LOCKED: (path) => `The data file ${path} is in use by another process. Stop that one, or choose another data folder.`,
  RONDO_DATA_UNREADABLE: (path) => `The data file ${path} cannot be read or written. Check that it is there, its permissions and the disk.`,
  RONDO_INTERNAL: (path) => `An unexpected failure while using the data file ${path}. Please report it.`,
}

/** The error for a damaged record: `what` names it within the file. */
export function damaged(path: string, what: string): RondoError {
  return new RondoError('RONDO_DATA_CORRUPT', `The data file ${path} is damaged: ${what}. ${damageAdvice(path)}`)
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
