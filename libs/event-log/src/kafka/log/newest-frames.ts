import type { LogRecord } from '../../event-log.ts'
import { newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { PartitionLog } from './partition-log.ts'

/**
 * The first step goes back `RECORDS_FIRST` records, each further one `STEP_FACTOR` times as far, the last one at most `RECORDS_MAX`: two days of
 * an idle log, which has one record a second.
 */
const RECORDS_FIRST = 100
const STEP_FACTOR = 4
const RECORDS_MAX = 200_000
const FETCH_BYTES = 1 << 20

/** The newest frames of a partition of `activity`, newest first. Offsets do not show sizes, so the steps end before the next one would exceed `bytesMax`. */
export async function newestFrames(settings: KafkaSettings, partition: number, bytesMax: number): Promise<LogRecord[]> {
  const cluster = newCluster(settings)
  const log = new PartitionLog(cluster, topicOf(settings, 'activity'), partition)
  try {
    const { beginning, stable } = await log.bounds()
    const newest: LogRecord[] = []
    let size = 0
    let end = stable
    for (let records = RECORDS_FIRST; end > beginning && size * STEP_FACTOR <= bytesMax && records <= RECORDS_MAX; records *= STEP_FACTOR) {
      const from = Math.max(beginning, stable - records)
      const frames = await framesBetween(log, from, end)
      newest.push(...frames.reverse())
      size += frames.reduce((sum, { frame }) => sum + frame.length, 0)
      end = from
    }
    return newest
  } finally {
    await cluster.disconnect()
  }
}

async function framesBetween(log: PartitionLog, from: number, end: number): Promise<LogRecord[]> {
  const frames: LogRecord[] = []
  for (let at = from; at < end; ) {
    const fetched = await log.fetch(at, { bytesMax: FETCH_BYTES, waitMs: 0 })
    frames.push(...fetched.records.filter(({ offset }) => Number(offset) < end).map(({ offset, value }) => ({ offset: Number(offset), frame: String(value) })))
    // Markers leave offsets without records.
    at = fetched.next === at ? end : fetched.next
  }
  return frames
}
