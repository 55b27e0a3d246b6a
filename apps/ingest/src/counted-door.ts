import { Counter, type Registry } from 'prom-client'
import { type Instant, RondoError } from '#contracts'
import type { Door, ReadRequest } from './door.ts'

/** A door that counts what comes through it. */
export class CountedDoor implements Door {
  readonly #door: Door
  readonly #accepted: Counter
  readonly #refused: Counter<'code'>
  readonly #turnedAway: Counter<'code'>

  constructor(door: Door, registry: Registry) {
    const registers = [registry]
    this.#door = door
    this.#accepted = new Counter({ name: 'rondo_events_accepted_total', help: 'Events that are in the log, each once for each time it was sent', registers })
    this.#refused = new Counter({ name: 'rondo_events_refused_total', help: 'Events that went to quarantine, by error code', labelNames: ['code'], registers })
    this.#turnedAway = new Counter({
      name: 'rondo_requests_turned_away_total',
      help: 'Requests of which nothing was accepted, by error code',
      labelNames: ['code'],
      registers,
    })
  }

  async accept<Read extends ReadRequest>(read: (arrival: Instant) => Read): Promise<Read> {
    try {
      const request = await this.#door.accept(read)
      this.#accepted.inc(request.events.length)
      for (const { code } of request.quarantine) this.#refused.inc({ code })
      return request
    } catch (failure) {
      this.#turnedAway.inc({ code: failure instanceof RondoError ? failure.code : 'RONDO_INTERNAL' })
      throw failure
    }
  }
}
