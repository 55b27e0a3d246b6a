import type { Reload } from '#contracts'

/** One thing that a reload changes. */
export type Change = Reload['changes'][number]

/** A change that was checked and has no effect yet. */
export interface PreparedChange {
  readonly changes: readonly Change[]
  /** Makes the change. What can fail has been done before. */
  apply(): Promise<void> | void
  /** Called instead of `apply` where another part of the reload is refused. */
  discard?(): Promise<void>
}

/** A part of an app that reads files of its own, such as the list of sources. */
export interface ReloadPart<Values> {
  /**
   * Reads what is stored now, and compares it with what runs.
   * @returns undefined if they are equal
   * @throws RondoError with all defects, and with what to do about a change that is not possible while the app runs
   */
  prepare(next: Values): Promise<PreparedChange | undefined>
}
