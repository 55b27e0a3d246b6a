import { type ControlRecord, formatInstant, type Instant, instantOf } from '#contracts'

/**
 * How far a tick may be ahead of the time at which its record was appended. An ingest process stops where its clock is 30 s off that of the log; as
 * much again is left for brokers whose clocks differ from each other.
 */
const TICK_AHEAD_MS_MAX = 60_000
/** An arrival may be as far ahead as an imported row, which may be 5 minutes ahead of the importer's clock. */
const ARRIVAL_AHEAD_MS_MAX = 300_000 + TICK_AHEAD_MS_MAX

/** Where an entry stands in a log that other programs can write to as well. */
interface SharedPlace {
  readonly offset: number
  readonly index: number
  /** By the clock of the log, when its record was appended. */
  readonly appendedAt: Instant
}

/**
 * Why a control record that can be read must not be applied: its time comes from outside, or it begins an import where Rondo begins none.
 * Decided by what stands in the log alone, so that a fold says the same of it whenever, and however often, it reads the log.
 * @returns undefined where it may be applied
 */
export function foreignControl({ record, time }: ControlRecord, place: SharedPlace): string | undefined {
  if (record === 'tick' && instantOf(time) > place.appendedAt + TICK_AHEAD_MS_MAX) return ahead('its time', time, place.appendedAt)
  const isFirst = place.offset === 0 && place.index === 0
  if (record === 'backfill.begin' && !isFirst) return 'it begins an import, and only the first record of a log may: history goes in before anything else'
  return undefined
}

/** As {@link foreignControl}, of an event. */
export function foreignArrival(arrival: Instant, appendedAt: Instant): string | undefined {
  return arrival > appendedAt + ARRIVAL_AHEAD_MS_MAX ? ahead('its arrival', formatInstant(arrival), appendedAt) : undefined
}

function ahead(what: string, time: string, appendedAt: Instant): string {
  return `${what} ${time} is far ahead of ${formatInstant(appendedAt)}, when it was appended`
}
