import { Counter, Gauge, type Registry } from 'prom-client'
import { outputKinds } from '#contracts'
import type { Recency } from '#runtime'
import type { FeedTally } from './feed-tally.ts'

/** Metrics of each feed: what was followed, and how long ago it was read. @param pages when each feed was read last */
export function feedGauges(registry: Registry, tally: Pick<FeedTally, 'feeds' | 'partitions'>, pages: readonly Pick<Recency, 'isKnown' | 'ageMs'>[]): void {
  const followed = new Counter({
    name: 'rondo_followed_outputs_total',
    help: 'Outputs of the feed that this process has followed since it started, by kind',
    labelNames: ['cycle', 'partition', 'kind'],
    registers: [registry],
    collect() {
      followed.reset()
      for (const feed of tally.feeds) for (const kind of outputKinds) followed.inc({ ...feed, kind }, 0)
      for (const { cycle, partition, kinds } of tally.partitions)
        for (const [kind, count] of Object.entries(kinds)) followed.inc({ cycle, partition, kind }, count)
    },
  })
  const age = new Gauge({
    name: 'rondo_feed_read_age_seconds',
    help: 'How long ago the feed of a partition was read last',
    labelNames: ['cycle', 'partition'],
    registers: [registry],
    collect() {
      for (const [number, feed] of tally.feeds.entries()) {
        const page = pages[number]
        if (page?.isKnown) age.set({ ...feed }, page.ageMs / 1000)
      }
    },
  })
}
