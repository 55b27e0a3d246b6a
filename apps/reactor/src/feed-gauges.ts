import { Counter, Gauge, type Registry } from 'prom-client'
import { outputKinds } from '#contracts'
import type { Recency } from '#runtime'
import type { FeedTally } from './feed-tally.ts'

/** Metrics of the feed of each partition: what was followed, and how long ago it was read. @param pages when each partition was read last */
export function feedGauges(registry: Registry, tally: Pick<FeedTally, 'partitions'>, pages: readonly Pick<Recency, 'isKnown' | 'ageMs'>[]): void {
  const followed = new Counter({
    name: 'rondo_followed_outputs_total',
    help: 'Outputs of the feed that this process has followed since it started, by kind',
    labelNames: ['partition', 'kind'],
    registers: [registry],
    collect() {
      followed.reset()
      for (const partition of pages.keys()) for (const kind of outputKinds) followed.inc({ partition, kind }, 0)
      for (const { partition, kinds } of tally.partitions) for (const [kind, count] of Object.entries(kinds)) followed.inc({ partition, kind }, count)
    },
  })
  const age = new Gauge({
    name: 'rondo_feed_read_age_seconds',
    help: 'How long ago the feed of a partition was read last',
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      for (const [partition, { isKnown, ageMs }] of pages.entries()) if (isKnown) age.set({ partition }, ageMs / 1000)
    },
  })
}
