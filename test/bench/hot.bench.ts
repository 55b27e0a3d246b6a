import { type CompiledCycle, compileCycle, type FoldEvent, PartitionFold, readDefinition } from '#cycle'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import { coreMs } from './core-time.ts'
import { cycleOf } from './cycle.ts'
import type { Bench, Figure } from './figure.ts'
import { DAY_MS, START } from './load.ts'

const ROUNDS = 5

/** The cost of one very busy actor, for whose events and copies the other actors of its partition wait. */
export const hotBench: Bench = { shop: busyShopper, distinct: busyListener, copies: resentBacklog, days: resentDays, behind: backlogBehind }

const wares = (random: SeededRandom): FoldEvent['properties'] => ({ total: 5, artist: `artist ${random.bits() % 30}` })
const tracks = (random: SeededRandom): FoldEvent['properties'] => ({ track: `track ${random.bits() % 4000}` })

function busyShopper(): Figure[] {
  const cycleWith = (journal: number): CompiledCycle => cycleOf('shop-customer', { 'grace: 48h': `grace: 48h\njournal: ${journal}` })
  return pastItsJournal('shop-customer', cycleWith, { event: 'Order Completed', propertiesOf: wares, events: 20_000 })
}

/** The state of the actor, and so each base, has tens of kilobytes. */
function busyListener(): Figure[] {
  const cycleWith = (journal: number): CompiledCycle => {
    const { definition } = readDefinition(wideDefinition(journal), 'wide.yaml')
    if (definition === undefined) throw new TypeError('the definition of this bench is broken')
    return compileCycle(definition)
  }
  return pastItsJournal('distinct of 4096 in 365d', cycleWith, { event: 'Play', propertiesOf: tracks, events: 1200 })
}

const wideDefinition = (journal: number): string => `
cycle: wide
version: 1
actor: user
grace: 48h
journal: ${journal}
stages: [{ id: here, kind: active, absence: 30d }, { id: away, kind: lapsed }]
signals: { play: { event: Play } }
measures: { tracks: { distinct: play, by: properties.track, within: 365d, cap: 4096 } }
transitions:
  - { id: first, from: start, to: here, trigger: play }
  - { id: gone, from: here, to: away, trigger: absence }
  - { id: back, from: away, to: here, trigger: play, when: { tracks: { gte: 1 } } }
`

/** The events of one busy actor. */
interface Busy {
  readonly event: string
  readonly propertiesOf: (random: SeededRandom) => FoldEvent['properties']
  readonly events: number
}

/** Folds the same events of one actor twice: with a journal that is full, and with a journal that has room for all events. */
function pastItsJournal(what: string, cycleWith: (journal: number) => CompiledCycle, { event, propertiesOf, events }: Busy): Figure[] {
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const [full, roomy] = [256, 65_536].map((journal) => {
      const random = new SeededRandom(round + 1)
      const list = Array.from({ length: events }, (_, n) => eventOf(random.uuid(), START + n * 1000, event, propertiesOf(random)))
      const fold = newFold(cycleWith(journal))
      return (coreMs(() => foldAll(fold, list)) * 1000) / events
    }) as [number, number]
    return { full, roomy }
  })
  return [
    { what: `an event of an actor past its journal, ${what}`, unit: 'µs', samples: rounds.map(({ full }) => full) },
    { what: `the same with room in the journal, ${what}`, unit: 'µs', samples: rounds.map(({ roomy }) => roomy) },
    { what: `past its journal / with room, ${what}`, unit: '', samples: rounds.map(({ full, roomy }) => full / roomy), target: { atMost: 3 } },
  ]
}

/** An actor sends 200,000 events in a day, and then half of them again. */
function resentBacklog(): Figure[] {
  const [events, copies] = [200_000, 100_000]
  const samples = Array.from({ length: ROUNDS }, (_, round) => {
    const random = new SeededRandom(round + 1)
    const spacing = DAY_MS / events
    const list = Array.from({ length: events }, (_, n) => eventOf(random.uuid(), START + Math.floor(n * spacing), 'Visit', undefined))
    const fold = newFold(cycleOf('presence-30d', { 'grace: 0s': 'grace: 1h' }))
    foldAll(fold, list)
    const resent = list.slice(-copies).map((event) => ({ ...event, arrival: START + DAY_MS }))
    return (copies / coreMs(() => foldAll(fold, resent))) * 1000
  })
  return [{ what: 'copies of old events of one actor', unit: 'copies/s', samples, target: { atLeast: 100_000 } }]
}

/** A file with days in place of times has 16,000 rows of one actor and day, and is sent twice. */
function resentDays(): Figure[] {
  const events = 16_000
  const samples = Array.from({ length: ROUNDS }, (_, round) => {
    const random = new SeededRandom(round + 1)
    const list = Array.from({ length: events }, () => eventOf(random.uuid(), START, 'Visit', undefined))
    const fold = newFold(cycleOf('presence-30d', { 'grace: 0s': 'grace: 1h' }))
    const send = (): void => {
      for (const event of list) fold.apply(event)
    }
    send()
    return (events / coreMs(send)) * 1000
  })
  return [{ what: 'copies of events of one actor and instant', unit: 'copies/s', samples }]
}

/** One event of an actor comes before its backlog, so that each event of the backlog is out of order. */
function backlogBehind(): Figure[] {
  return [2000, 20_000].map((events) => ({
    what: `an event of a backlog of ${events} behind one event of its actor`,
    unit: 'µs',
    samples: Array.from({ length: 3 }, (_, round) => {
      const random = new SeededRandom(round + 1)
      const fold = newFold(cycleOf('presence-30d', { 'grace: 0s': 'grace: 1h' }))
      const [ahead, ...backlog] = Array.from({ length: events + 1 }, (_n, n) =>
        eventOf(random.uuid(), n === 0 ? START + events : START + n - 1, 'Visit', undefined),
      )
      fold.apply(ahead as FoldEvent)
      const late = backlog.map((event) => ({ ...event, arrival: START + events }))
      const send = (): void => {
        for (const event of late) fold.apply(event)
      }
      return (coreMs(send) * 1000) / events
    }),
  }))
}

function newFold(cycle: CompiledCycle): PartitionFold {
  const fold = new PartitionFold(cycle, { output: () => undefined })
  fold.apply({ record: 'writer.open', writer: 'bench', time: new Date(START).toISOString() })
  return fold
}

function eventOf(id: string, time: number, event: string, properties: FoldEvent['properties']): FoldEvent {
  return { id, event, actorType: 'user', actorId: 'busy', time, arrival: time, properties, traits: undefined, context: undefined }
}

/** Each hundredth event is followed by a tick, as at the end of a frame. */
function foldAll(fold: PartitionFold, events: readonly FoldEvent[]): void {
  for (const [n, event] of events.entries()) {
    fold.apply(event)
    if (n % 100 !== 99) continue
    fold.apply({ record: 'tick', writer: 'bench', time: new Date(event.arrival).toISOString() })
  }
}
