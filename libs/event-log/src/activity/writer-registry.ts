import type { Instant } from '#contracts'

/** What a writer of `activity` reports once a second, beside the log. */
export interface WriterHeartbeat {
  readonly writer: string
  /** For people: which process it is. */
  readonly name: string
  /** By its own clock. */
  readonly time: Instant
  /** How long it may be silent before others close it. */
  readonly timeoutMs: number
}

/** A writer that may be open in the log. `seenAt` is when its last heartbeat was written, by the clock of the log. */
export interface LiveWriter extends WriterHeartbeat {
  readonly seenAt: Instant
}

export interface RegistryView {
  readonly live: readonly LiveWriter[]
  /** Withdrawn since the last time that this process read it. */
  readonly withdrawn: ReadonlySet<string>
  /** When the last heartbeat or withdrawal was written; undefined where there was none. */
  readonly newestAt: Instant | undefined
}

/**
 * Who writes `activity` at present. Log time waits for every writer that is open in the log, so one that dies has to be closed by another,
 * and that must not take a search through the log.
 *
 * An implementer guarantees:
 * - A writer that sends a heartbeat before it opens, and is withdrawn after it was closed, is among the live ones all the while, also when
 *   every process has died meanwhile.
 * - Times of the log come from one clock, which is not the clock of any writer.
 */
export interface WriterRegistry {
  /** @returns when it was written, by the clock of the log */
  heartbeat(heartbeat: WriterHeartbeat): Promise<Instant>
  withdraw(writer: string): Promise<void>
  read(): Promise<RegistryView>
  close(): Promise<void>
}
