import type { LogRecord } from '../../event-log.ts'
import type { FetchedRecord } from '../client/kafka-client.ts'
import { tracesOf } from './trace-headers.ts'

/** Rondo writes no record without a value; such a record is an empty frame, which is refused like any other unreadable frame. */
export function logRecord(fetched: FetchedRecord): LogRecord {
  const { offset, timestamp, value } = fetched
  const record = { offset: Number(offset), appendedAt: Number(timestamp), frame: value?.toString() ?? '' }
  const traces = tracesOf(fetched)
  return traces === undefined ? record : { ...record, traces }
}
