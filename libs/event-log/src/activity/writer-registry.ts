import type { Instant } from '#contracts'

/** The heartbeat of a writer of `activity`: sent once a second, beside the log. */
export interface WriterHeartbeat {
  readonly writer: string
  /** The name of its process, for people. */
  readonly name: string
  /** By its own clock. */
  readonly time: Instant
  /** How long it may be silent before others close it. */
  readonly timeoutMs: number
}

/** A writer that may be open in the log. `seenAt` is the time of its last heartbeat, by the clock of the log. */
export interface LiveWriter extends WriterHeartbeat {
  readonly seenAt: Instant
}

/** The result of one reading of the registry. */
export interface RegistryView {
  readonly live: readonly LiveWriter[]
  /** The writers that were withdrawn since this process last read the registry. */
  readonly withdrawn: ReadonlySet<string>
  /** The time of the last heartbeat or withdrawal; undefined if there was none. */
  readonly newestAt: Instant | undefined
}

/**
 * The live writers of `activity`. Log time waits for every writer that is open in the log, so another process has to close one that dies,
 * without searching the whole log for it.
 *
 * An implementer guarantees:
 * - A writer that sends a heartbeat before it opens, and is withdrawn after it was closed, is live during all that time, also if
 *   all processes have died meanwhile.
 * - Times come from one clock of the log, which is not the clock of any writer.
 */
export interface WriterRegistry {
  /** @returns when it was written, by the clock of the log */
  heartbeat(heartbeat: WriterHeartbeat): Promise<Instant>
  withdraw(writer: string): Promise<void>
  read(): Promise<RegistryView>
  close(): Promise<void>
}
