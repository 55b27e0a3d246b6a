import { RondoError } from '#contracts'
import type { KafkaSettings } from './kafka-settings.ts'

/** What a log without its beginning cannot give. */
const NEEDED_BY = 'a repartition, another cycle, another definition and a release that changes outcomes need the log from its beginning'

/**
 * Checks that a retention of `activity` loses nothing that a rebuild needs.
 * @throws RondoError RONDO_ARGUMENT_INVALID if there is a retention, and no archive for what it deletes
 */
export function checkRetention({ activityRetentionMs, isArchived }: Pick<KafkaSettings, 'activityRetentionMs' | 'isArchived'>): void {
  if (activityRetentionMs === undefined || isArchived === true) return
  throw new RondoError(
    'RONDO_ARGUMENT_INVALID',
    `A retention of activity (RONDO_ACTIVITY_RETENTION, --activity-retention) without an archive is refused: ${NEEDED_BY}. Name the folder of an archive (RONDO_ARCHIVE, --archive) and write it each day (docs/guides/archive.md), or leave the retention out: then nothing is deleted.`,
  )
}
