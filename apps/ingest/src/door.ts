import { type ActivityEvent, type Instant, type QuarantineRecord, RondoError } from '#contracts'

/** What a request said, read at its arrival. */
export interface ReadRequest {
  readonly events: readonly ActivityEvent[]
  readonly quarantine: readonly QuarantineRecord[]
}

/** Where live events come in. */
export interface Door {
  /**
   * Takes a request in. `read` is called at once, with its arrival.
   * @returns what `read` answered, once it is durable
   * @throws RondoError RONDO_OVERLOADED (retriable) where too much waits already, and others where it cannot be written
   */
  accept<Read extends ReadRequest>(read: (arrival: Instant) => Read): Promise<Read>
}

/** Told to clients that are to come again. */
export function overloaded(reason: string): RondoError {
  return new RondoError('RONDO_OVERLOADED', `${reason}. Nothing of this request was accepted; send it again a little later.`, { retriable: true })
}
