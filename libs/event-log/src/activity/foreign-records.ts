import { type ControlRecord, formatInstant, type Instant, instantOf } from '#contracts'

/**
 * How far a tick may be ahead of the time at which its record was appended. An ingest process stops if its clock differs by 30 s from that of the log;
 * the other 30 s allow for brokers whose clocks differ from each other.
 */
const TICK_AHEAD_MS_MAX = 60_000
/** An arrival may be as far ahead as that of an imported row, which may be 5 minutes ahead of the importer's clock. */
const ARRIVAL_AHEAD_MS_MAX = 300_000 + TICK_AHEAD_MS_MAX

/** The position of an entry in a log that other programs can write to as well. */
interface EntryPosition {
  readonly offset: number
  readonly index: number
  /** When its record was appended, by the clock of the log. */
  readonly appendedAt: Instant
}

/**
 * Why a readable control record must not be applied: its time does not come from Rondo, or it begins an import in the middle of the log.
 * Decided from the log alone, so that every fold of the log decides the same.
 * @returns undefined if it may be applied
 */
export function foreignControl({ record, time }: ControlRecord, position: EntryPosition): string | undefined {
  if (record === 'tick' && instantOf(time) > position.appendedAt + TICK_AHEAD_MS_MAX) return ahead('its time', time, position.appendedAt)
  const isFirst = position.offset === 0 && position.index === 0
  if (record === 'backfill.begin' && !isFirst)
    return 'it begins an import, and only the first record of a log may: history must be imported before anything else'
  return undefined
}

/** As {@link foreignControl}, for an event. */
export function foreignArrival(arrival: Instant, appendedAt: Instant): string | undefined {
  return arrival > appendedAt + ARRIVAL_AHEAD_MS_MAX ? ahead('its arrival', formatInstant(arrival), appendedAt) : undefined
}

function ahead(what: string, time: string, appendedAt: Instant): string {
  return `${what} ${time} is far ahead of ${formatInstant(appendedAt)}, when it was appended`
}
