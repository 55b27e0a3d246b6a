import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { FoldMetrics } from './fold-metrics.ts'

describe('dropped copies', () => {
  it('are counted by their source, up to a limit of names', async () => {
    const registry = new Registry()
    const metrics = new FoldMetrics(registry, { clock: { now: () => 0 }, cycles: [{ cycle: 'shopper', measures: [] }] })
    metrics.dropped(
      'shopper',
      new Map([
        ['shop.orders', 2],
        ['', 1],
      ]),
    )
    for (let n = 0; n < 200; n++) metrics.dropped('shopper', new Map([[`import ${n}`, 1]]))
    metrics.dropped('shopper', new Map([['shop.orders', 3]]))
    const values = (await registry.getSingleMetric('rondo_copies_dropped_total')?.get())?.values ?? []
    const found = new Map(values.map(({ labels, value }) => [labels['source'], value]))
    // 5 = 2 + 3. Of 202 names, the topic, http and 98 imports have a label; the other 102 imports are counted as `other`.
    expect([found.get('shop.orders'), found.get('http'), found.get('other'), found.size]).toEqual([5, 1, 102, 101])
  })
})
