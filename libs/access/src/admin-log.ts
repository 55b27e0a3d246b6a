import type { AdminRecord } from '#contracts'

/**
 * The administrative acts of one Rondo, in their order: the audit log, from which follows what is in force.
 *
 * An implementer guarantees:
 * - An act is durable when `append` resolves, and stands behind all acts that were durable before.
 * - `read` returns each act once, in its order, whichever process appended it.
 * - No act is ever removed or changed.
 */
export interface AdminLog {
  /** @throws RondoError where it is not known to be durable: RONDO_DATA_*, RONDO_LOG_UNAVAILABLE */
  append(record: AdminRecord): Promise<void>
  /** The acts that follow those of the last call; at the first call, all. */
  read(): Promise<readonly AdminRecord[]>
  close(): Promise<void>
}
