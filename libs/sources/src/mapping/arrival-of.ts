import type { Instant } from '#contracts'
import type { SourceRecord } from './source-record.ts'

/**
 * The arrival of an event of a source: the time when its record was appended to the source's topic, because any later delay comes from Rondo.
 * So the events of a backlog of hours are not late. If the topic keeps the producer's time instead, the arrival is that time, but not before
 * the event happened and not after now (docs/decisions/0005).
 */
export function arrivalOf({ timestamp, isAppendTime }: SourceRecord, time: Instant, now: Instant): Instant {
  if (isAppendTime) return timestamp
  const claimed = timestamp > 0 ? Math.min(timestamp, now) : now
  return Math.max(claimed, Math.min(time, now))
}
