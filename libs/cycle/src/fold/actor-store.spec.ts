import { expect, it } from '@jest/globals'
import { cycleDefinitionSchema, formatInstant } from '#contracts'
import { compileCycle } from '../compile/compile-cycle.ts'
import { PartitionFold } from './partition-fold.ts'

const DAY = 86_400_000
const LONG = 'x'.repeat(60)
const ACTORS = 32_000

/** Its states grow with every day on which somebody comes. */
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

function folded(movesTogether: boolean): PartitionFold {
  const fold = new PartitionFold(cycle, { output: () => undefined })
  let moves = 0
  fold.apply({ record: 'writer.open', writer: 'w', time: formatInstant(0) })
  const { store } = fold.state
  const move = store.moveTogether.bind(store)
  store.moveTogether = () => {
    const places = (): string => Array.from({ length: 50 }, (_, i) => store.state((i * ACTORS) / 50)).join()
    const before = places()
    if (movesTogether) move()
    if (places() !== before) moves += 1
  }
  for (let day = 0; day < 9; day++) {
    for (let actor = 0; actor < ACTORS; actor++) {
      // Neighbours grow at different times, so that what one leaves behind lies between others.
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
  expect(moves > 0).toBe(movesTogether)
  return fold
}

it('states that are moved together stay as they are', () => {
  const [moved, still] = [folded(true), folded(false)]
  for (let bucket = 0; bucket < 256; bucket++) expect(Buffer.compare(moved.state.saveBucket(bucket), still.state.saveBucket(bucket))).toBe(0)
})
