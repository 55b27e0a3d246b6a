import { Counter, Histogram, type Registry } from 'prom-client'
import { type ActivityEvent, type ErrorCode, type QuarantineRecord, suspiciousId, suspiciousNames } from '#contracts'
import { IdClashes } from '#sources'

/** In seconds: an append is a write with a sync, or a request to a broker; a request waits 8 s for it at most. */
const APPEND_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** What an event is refused for. The last is a gap in the topic of a source. */
const REFUSALS: readonly ErrorCode[] = [
  'RONDO_EVENT_INVALID',
  'RONDO_EVENT_TOO_LARGE',
  'RONDO_EVENT_FROM_FUTURE',
  'RONDO_EVENT_UNPLANNED',
  'RONDO_EVENT_AGAINST_PLAN',
  'RONDO_LOG_INCOMPLETE',
]
/** What a request is turned away for. */
const TURNED_AWAY: readonly ErrorCode[] = [
  'RONDO_OVERLOADED',
  'RONDO_LOG_UNAVAILABLE',
  'RONDO_CLOCK_OFF',
  'RONDO_DATA_FULL',
  'RONDO_RATE_LIMITED',
  'RONDO_INTERNAL',
]

/** Counts incoming events, from HTTP or from topics of other systems. */
export class IngestCounts {
  readonly #metrics: ReturnType<typeof declare>
  readonly #ids = new IdClashes()

  constructor(registry: Registry) {
    this.#metrics = declare(registry)
    const { refused, turnedAway, suspicious } = this.#metrics
    for (const code of REFUSALS) refused.inc({ code }, 0)
    for (const code of TURNED_AWAY) turnedAway.inc({ code }, 0)
    for (const actor of suspiciousNames) suspicious.inc({ actor }, 0)
  }

  /** Counts events that are durable. @param seconds how long the request waited for that, if a request brought them */
  taken({ events, quarantine }: { readonly events: readonly ActivityEvent[]; readonly quarantine: readonly QuarantineRecord[] }, seconds?: number): void {
    const { accepted, refused, appendSeconds } = this.#metrics
    accepted.inc(events.length)
    for (const { code } of quarantine) refused.inc({ code })
    for (const event of events) this.#count(event)
    if (seconds !== undefined) appendSeconds.observe(seconds)
  }

  turnedAway(code: string): void {
    this.#metrics.turnedAway.inc({ code })
  }

  #count(event: ActivityEvent): void {
    const actor = suspiciousId(event.actor.id)
    if (actor !== undefined) this.#metrics.suspicious.inc({ actor })
    const { id, event: name, properties, traits } = event
    if (this.#ids.add({ id, event: name, actorId: event.actor.id, properties, traits }) === 'same-actor') this.#metrics.clashes.inc()
  }
}

function declare(registry: Registry) {
  const registers = [registry]
  const byCode = { labelNames: ['code'] as const, registers }
  return {
    accepted: new Counter({ registers, name: 'rondo_events_accepted_total', help: 'Events that are in the log, each once for each time it was sent' }),
    refused: new Counter({ ...byCode, name: 'rondo_events_refused_total', help: 'Events that went to quarantine, by error code' }),
    suspicious: new Counter({
      registers,
      name: 'rondo_events_suspicious_total',
      help: 'Events under an actor id that is a missing id, such as null, by that id',
      labelNames: ['actor'] as const,
    }),
    clashes: new Counter({
      registers,
      name: 'rondo_event_id_clashes_total',
      help: 'Events with the id of a recent one of the same actor and another name or other properties: they are dropped as copies',
    }),
    turnedAway: new Counter({
      ...byCode,
      name: 'rondo_requests_turned_away_total',
      help: 'Requests with events that were answered with 503 or 429, by error code; whether the log has them is not always known',
    }),
    appendSeconds: new Histogram({
      registers,
      name: 'rondo_append_duration_seconds',
      help: 'Time from the arrival of a request with events until they are durable',
      buckets: APPEND_BUCKETS,
    }),
  }
}
