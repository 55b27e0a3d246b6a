/** The exit codes of the command; docs/reference/errors.md explains them. */
export const exitCodes = {
  done: 0,
  /** All other failures. */
  failed: 1,
  /** Bad arguments or a bad definition; nothing was started. */
  invalid: 2,
  /** Rows were refused; the others were used. */
  rowsRefused: 3,
  /** For `rondo status`: a state that an operator should look at. The same number as a failure. */
  attention: 1,
} as const

/** Ended by a signal: 128 plus its number, as in shells. */
export const INTERRUPTED = 130
