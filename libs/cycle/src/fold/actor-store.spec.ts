import { expect, it } from '@jest/globals'
import { cycleDefinitionSchema, formatInstant } from '#contracts'
import { compileCycle } from '../compile/compile-cycle.ts'
import { PartitionFold } from './partition-fold.ts'

const DAY = 86_400_000
const LONG = 'x'.repeat(60)
const ACTORS = 32_000

/** The state of an actor grows with each day that has an event. */
const cycle = compileCycle(
  cycleDefinitionSchema.parse({
    cycle: 'growing',
    version: 1,
    actor: 'user',
    grace: '0s',
    stages: [{ id: 'here', kind: 'active', absence: '300d' }],
    signals: { visit: { event: 'Visit' } },
    measures: { days: { days: 'visit', within: '365d' }, pages: { distinct: 'visit', by: 'properties.page', within: '365d', cap: 32 } },
    transitions: [
      { id: 'came', from: 'start', to: 'here', trigger: 'visit' },
      { id: 'again', from: 'here', to: 'here', trigger: 'visit', when: { all: [{ days: { gte: 300 } }, { pages: { gte: 300 } }] } },
    ],
  }),
)

function folded(compacts: boolean): PartitionFold {
  const fold = new PartitionFold(cycle, { output: () => undefined })
  let compactions = 0
  fold.apply({ record: 'writer.open', writer: 'w', time: formatInstant(0) })
  const { store } = fold.state
  const compact = store.compactStates.bind(store)
  store.compactStates = () => {
    const pointers = (): string => Array.from({ length: 50 }, (_, i) => store.state((i * ACTORS) / 50)).join()
    const before = pointers()
    if (compacts) compact()
    if (pointers() !== before) compactions += 1
  }
  for (let day = 0; day < 9; day++) {
    for (let actor = 0; actor < ACTORS; actor++) {
      // Neighbours grow at different times, so that unused blocks are between used ones.
      if ((actor * 7 + day * 5) % 11 < 6) continue
      const time = day * DAY + actor
      fold.apply({
        id: `${day}-${actor}`,
        actorType: 'user',
        actorId: `a${actor}`,
        event: 'Visit',
        time,
        arrival: time,
        properties: { page: `${day} ${LONG}` },
      })
      if (actor % 1000 === 0) fold.apply({ record: 'tick', writer: 'w', time: formatInstant(time) })
    }
  }
  expect(compactions > 0).toBe(compacts)
  return fold
}

it('compaction does not change states', () => {
  const [compacted, uncompacted] = [folded(true), folded(false)]
  for (let bucket = 0; bucket < 256; bucket++) expect(Buffer.compare(compacted.state.saveBucket(bucket), uncompacted.state.saveBucket(bucket))).toBe(0)
})
