import type { Registry } from 'prom-client'
import { valuesGauge } from '#process'
import type { Clock } from '#runtime'
import type { ReadingStatus, Sources } from './sources.ts'

/** Gauges of the topics of other systems that this process reads. */
export function sourceGauges(registry: Registry, sources: Pick<Sources, 'statuses'>, clock: Clock): void {
  const labelNames = ['source', 'partition']
  const gauge = (name: string, help: string, of: (status: ReadingStatus) => number | undefined): void =>
    valuesGauge(registry, {
      name,
      help,
      labelNames,
      *values() {
        for (const status of sources.statuses) {
          const value = of(status)
          if (value !== undefined) yield [{ source: status.source, partition: status.partition }, value]
        }
      },
    })
  gauge('rondo_source_lag_records', 'Records of the topic of a source that this process has not written into the log yet', ({ lagRecords }) => lagRecords)
  gauge(
    'rondo_source_age_seconds',
    'How far the reading of a source is behind: all that came to its topic before is in the log. Log time waits for it',
    ({ readUntil }) => (readUntil === undefined ? undefined : Math.max(0, clock.now() - readUntil) / 1000),
  )
  gauge('rondo_source_up', 'Whether the last attempt to read the partition of a source went well: 1 or 0', ({ isWell }) => (isWell ? 1 : 0))
}
