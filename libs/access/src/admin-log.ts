import type { AdminRecord } from '#contracts'

/**
 * The administrative acts of one Rondo, in their order: the audit log. The valid keys follow from it.
 *
 * An implementer guarantees:
 * - An act is durable when `append` resolves, and comes after all acts that were durable before.
 * - `read` returns each act of any process once, in the order of the log.
 * - No act is ever removed or changed.
 */
export interface AdminLog {
  /** @throws RondoError if it is not known whether the act is durable: RONDO_DATA_*, RONDO_LOG_UNAVAILABLE */
  append(record: AdminRecord): Promise<void>
  /** The acts that follow those of the last call; at the first call, all. */
  read(): Promise<readonly AdminRecord[]>
  close(): Promise<void>
}
