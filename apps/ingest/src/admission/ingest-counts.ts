import { Counter, type Registry } from 'prom-client'
import { type ActivityEvent, type QuarantineRecord, suspiciousId } from '#contracts'
import { IdClashes } from '#sources'

/** Counts incoming events, from HTTP or from topics of other systems. */
export class IngestCounts {
  readonly #accepted: Counter
  readonly #refused: Counter<'code'>
  readonly #turnedAway: Counter<'code'>
  readonly #suspicious: Counter<'actor'>
  readonly #clashes: Counter
  readonly #ids = new IdClashes()

  constructor(registry: Registry) {
    const registers = [registry]
    this.#accepted = new Counter({ name: 'rondo_events_accepted_total', help: 'Events that are in the log, each once for each time it was sent', registers })
    this.#refused = new Counter({ name: 'rondo_events_refused_total', help: 'Events that went to quarantine, by error code', labelNames: ['code'], registers })
    const suspicious = 'Events under an actor id that is a missing id, such as null, by that id'
    this.#suspicious = new Counter({ name: 'rondo_events_suspicious_total', help: suspicious, labelNames: ['actor'], registers })
    const clashes = 'Events with the id of a recent one of the same actor and another name or other properties: they are dropped as copies'
    this.#clashes = new Counter({ name: 'rondo_event_id_clashes_total', help: clashes, registers })
    this.#turnedAway = new Counter({
      name: 'rondo_requests_turned_away_total',
      help: 'Requests that were answered with 503, by error code; whether the log has them is not always known',
      labelNames: ['code'],
      registers,
    })
  }

  /** Counts events that are durable. */
  taken({ events, quarantine }: { readonly events: readonly ActivityEvent[]; readonly quarantine: readonly QuarantineRecord[] }): void {
    this.#accepted.inc(events.length)
    for (const { code } of quarantine) this.#refused.inc({ code })
    for (const event of events) this.#count(event)
  }

  #count(event: ActivityEvent): void {
    const actor = suspiciousId(event.actor.id)
    if (actor !== undefined) this.#suspicious.inc({ actor })
    const { id, event: name, properties, traits } = event
    if (this.#ids.add({ id, event: name, actorId: event.actor.id, properties, traits }) === 'same-actor') this.#clashes.inc()
  }

  turnedAway(code: string): void {
    this.#turnedAway.inc({ code })
  }
}
