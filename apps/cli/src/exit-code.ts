/** What the command answers the shell with; docs/reference/errors.md tells its readers. */
export const exitCodes = {
  done: 0,
  /** Anything that is neither of the others. */
  failed: 1,
  /** Bad arguments or a bad definition; nothing was begun. */
  invalid: 2,
  /** Rows were refused; the others were taken. */
  rowsRefused: 3,
} as const

/** Ended by a signal: 128 and its number, as shells have it. */
export const INTERRUPTED = 130
