import { Counter, type Registry } from 'prom-client'
import type { ActivityEvent, QuarantineRecord } from '#contracts'

/** What came in, by HTTP or from topics of others. */
export class IntakeCounts {
  readonly #accepted: Counter
  readonly #refused: Counter<'code'>
  readonly #turnedAway: Counter<'code'>

  constructor(registry: Registry) {
    const registers = [registry]
    this.#accepted = new Counter({ name: 'rondo_events_accepted_total', help: 'Events that are in the log, each once for each time it was sent', registers })
    this.#refused = new Counter({ name: 'rondo_events_refused_total', help: 'Events that went to quarantine, by error code', labelNames: ['code'], registers })
    this.#turnedAway = new Counter({
      name: 'rondo_requests_turned_away_total',
      help: 'Requests that were told to come again, by error code; whether the log has them is not always known',
      labelNames: ['code'],
      registers,
    })
  }

  /** All of it is durable. */
  taken({ events, quarantine }: { readonly events: readonly ActivityEvent[]; readonly quarantine: readonly QuarantineRecord[] }): void {
    this.#accepted.inc(events.length)
    for (const { code } of quarantine) this.#refused.inc({ code })
  }

  turnedAway(code: string): void {
    this.#turnedAway.inc({ code })
  }
}
