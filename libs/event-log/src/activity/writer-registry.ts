import type { Instant } from '#contracts'

/** What a writer of `activity` says of itself once a second, beside the log. */
export interface WriterSign {
  readonly writer: string
  /** For people: which process it is. */
  readonly name: string
  /** By its own clock. */
  readonly time: Instant
  /** How long it may be silent before others close it. */
  readonly patienceMs: number
}

/** A writer that may be open in the log. `seenAt` is when its last sign was written, by the clock of the log. */
export interface StandingWriter extends WriterSign {
  readonly seenAt: Instant
}

export interface Register {
  readonly standing: readonly StandingWriter[]
  /** Taken out since the last time that this process looked. */
  readonly withdrawn: ReadonlySet<string>
  /** When anybody signed or was taken out last; undefined where nobody ever did. */
  readonly newestAt: Instant | undefined
}

/**
 * Who writes `activity` at present. Log time waits for every writer that is open in the log, so one that dies has to be closed by another,
 * and that must not take a search through the log.
 *
 * An implementer guarantees:
 * - A writer that signs before it opens, and is withdrawn after it was closed, is among the standing ones all the while, also when
 *   every process has died meanwhile.
 * - Times of the log come from one clock, which is not the clock of any writer.
 */
export interface WriterRegistry {
  /** @returns when the sign was written, by the clock of the log */
  sign(sign: WriterSign): Promise<Instant>
  withdraw(writer: string): Promise<void>
  read(): Promise<Register>
  close(): Promise<void>
}
