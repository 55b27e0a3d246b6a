import { Counter, type Registry } from 'prom-client'
import { instantOf } from '#contracts'
import { ageGauge, valuesGauge } from '#process'
import type { Clock } from '#runtime'
import type { ArchiveProgress } from './archiver.ts'

/** Metrics of the archive of a folder. @param progress undefined where the log is not archived */
export function archiveMetrics(registry: Registry, progress: () => ArchiveProgress | undefined, clock: Clock): void {
  valuesGauge(registry, {
    name: 'rondo_archive_bytes',
    help: 'Bytes of the files of the archive; absent without an archive, and before the first success',
    labelNames: [],
    values: () => archivedOf(progress()).map(({ bytes }) => [{}, bytes] as const),
  })
  valuesGauge(registry, {
    name: 'rondo_archive_last_day_timestamp_seconds',
    help: 'Beginning of the last day that has a file in the archive, in Unix seconds',
    labelNames: [],
    values: () => archivedOf(progress()).flatMap(({ day }) => (day === undefined ? [] : [[{}, instantOf(`${day}T00:00:00.000Z`) / 1000] as const])),
  })
  ageGauge(registry, {
    name: 'rondo_archive_lag_seconds',
    help: 'How far the archive is behind: time since the instant up to which it has everything. At most a day and some minutes, if nothing fails',
    labelNames: [],
    clock,
    instants: () => archivedOf(progress()).map(({ until }) => [{}, until] as const),
  })
  const failures: Counter = new Counter({
    name: 'rondo_archive_failures_total',
    help: 'Attempts to archive the log that failed; the log keeps what is not archived',
    registers: [registry],
    collect() {
      failures.reset()
      failures.inc(progress()?.failures ?? 0)
    },
  })
}

const archivedOf = (progress: ArchiveProgress | undefined) => (progress?.archived === undefined ? [] : [progress.archived])
