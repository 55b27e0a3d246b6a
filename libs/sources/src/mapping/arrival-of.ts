import type { Instant } from '#contracts'
import type { SourceRecord } from './source-record.ts'

/**
 * When an event of a source arrived: when its record was appended to the source's topic, since from then on only Rondo delayed it.
 * So a backlog of hours is not late. If the topic keeps the producer's time instead, it is that, but not before the event
 * happened and not after now (docs/decisions/0005).
 */
export function arrivalOf({ timestamp, isAppendTime }: SourceRecord, time: Instant, now: Instant): Instant {
  if (isAppendTime) return timestamp
  const claimed = timestamp > 0 ? Math.min(timestamp, now) : now
  return Math.max(claimed, Math.min(time, now))
}
