import { formatInstant } from '#contracts'
import { type CompiledCycle, type FoldEvent, PartitionFold } from '#cycle'
import { coreMs } from './core-time.ts'
import { cycleOf } from './cycle.ts'
import type { Bench, Figure } from './figure.ts'
import { DAY_MS, Load, type Spread, START } from './load.ts'

/** The number of events that are decoded at once, outside the measured time, so that each is a new object with new strings. */
const CHUNK = 100_000
/** The number of events between two ticks, as in a frame. */
const TICK_EVERY = 100
const ROUNDS = 5
const CHUNKS_A_ROUND = 6

/** The load of one benchmark of the fold. */
interface Setting {
  readonly actors: number
  readonly spread: Spread
  /** Days over which each actor comes once, and over which the measured events spread. With these about 2 of 100 events have an output at 1 M. */
  readonly days: readonly [first: number, then: number]
  readonly rate: number
}

/** How fast the fold applies events, for several numbers of actors. */
export const foldBench: Bench = {
  '10k-uniform': () => measure({ actors: 10_000, spread: 'uniform', days: [10, 30], rate: 2e6 }),
  '10k-zipf': () => measure({ actors: 10_000, spread: 'zipf', days: [10, 30], rate: 2e6 }),
  '100k-uniform': () => measure({ actors: 100_000, spread: 'uniform', days: [10, 30], rate: 0 }),
  '100k-zipf': () => measure({ actors: 100_000, spread: 'zipf', days: [20, 11], rate: 0 }),
  '1m-uniform': () => measure({ actors: 1_000_000, spread: 'uniform', days: [10, 30], rate: 0.7e6 }),
  '1m-zipf': () => measure({ actors: 1_000_000, spread: 'zipf', days: [20, 11], rate: 1.2e6 }),
}

function measure({ actors, spread, days, rate }: Setting): Figure[] {
  const load = new Load({ actors, spread })
  const subject = new Subject(cycleOf('presence-30d'), actors)
  const [first, then] = days
  for (let done = 0; done < actors; done += CHUNK) {
    const lines = Array.from({ length: Math.min(CHUNK, actors - done) }, (_, i) => load.inTurn(Math.floor(START + (first * DAY_MS * (done + i)) / actors)))
    subject.both(lines)
  }
  const before = subject.outputs
  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const spent = { fold: 0, table: 0 }
    for (let i = 0; i < CHUNKS_A_ROUND; i++) {
      const from = (round * CHUNKS_A_ROUND + i) / (ROUNDS * CHUNKS_A_ROUND)
      const step = 1 / (ROUNDS * CHUNKS_A_ROUND * CHUNK)
      const lines = Array.from({ length: CHUNK }, (_, n) => load.byChance(Math.floor(START + (first + then * (from + n * step)) * DAY_MS)))
      const { fold, table } = subject.both(lines)
      spent.fold += fold
      spent.table += table
    }
    return spent
  })
  const events = CHUNKS_A_ROUND * CHUNK
  const outputs = (subject.outputs - before) / (ROUNDS * events)
  const what = `fold, ${actors / 1000} k actors, ${spread}, ${(outputs * 100).toFixed(1)} % outputs`
  return [
    { what, unit: 'events/s', samples: rounds.map(({ fold }) => (events / fold) * 1000), ...(rate > 0 ? { target: { atLeast: rate } } : {}) },
    { what: `bare table, ${actors / 1000} k actors, ${spread}`, unit: 'events/s', samples: rounds.map(({ table }) => (events / table) * 1000) },
    {
      what: `fold / bare table, ${actors / 1000} k actors, ${spread}`,
      unit: '%',
      samples: rounds.map(({ fold, table }) => (table / fold) * 100),
      ...(actors === 1_000_000 ? { target: { atLeast: 60 } } : {}),
    },
  ]
}

/** The fold and, for comparison, the minimum of any keyed state: one lookup in a Map, two writes. */
class Subject {
  readonly #fold: PartitionFold
  readonly #table = new Map<string, number>()
  readonly #times: Float64Array
  readonly #counts: Uint32Array
  outputs = 0

  constructor(cycle: CompiledCycle, actors: number) {
    this.#times = new Float64Array(actors)
    this.#counts = new Uint32Array(actors)
    this.#fold = new PartitionFold(cycle, { output: () => this.outputs++ })
    this.#fold.apply({ record: 'writer.open', writer: 'bench', time: formatInstant(0) })
  }

  /** Gives the events to the fold and to the table, decoded again for each. @returns milliseconds */
  both(lines: readonly string[]): { fold: number; table: number } {
    return { fold: spentOn(lines, (events) => this.#foldAll(events)), table: spentOn(lines, (events) => this.#writeAll(events)) }
  }

  #foldAll(events: readonly FoldEvent[]): void {
    const fold = this.#fold
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as FoldEvent
      fold.apply(event)
      if (i % TICK_EVERY === TICK_EVERY - 1) {
        fold.apply({ record: 'tick', writer: 'bench', time: formatInstant(event.time) })
      }
    }
  }

  #writeAll(events: readonly FoldEvent[]): void {
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as FoldEvent
      const slot = this.#table.get(event.actorId) ?? this.#table.size
      if (slot === this.#table.size) this.#table.set(event.actorId, slot)
      this.#times[slot] = event.time
      this.#counts[slot] = (this.#counts[slot] as number) + 1
    }
  }
}

function spentOn(lines: readonly string[], work: (events: readonly FoldEvent[]) => void): number {
  const events = lines.map(decode)
  // Collects the garbage first. Otherwise a collection in the measured time would move all these events, which does not happen in a pipeline.
  for (let i = 0; i < 2; i++) globalThis.gc?.({ type: 'minor' })
  return coreMs(() => work(events))
}

function decode(line: string): FoldEvent {
  const { id, event, actor, time, receivedAt, properties } = JSON.parse(line)
  return {
    id,
    event,
    actorType: actor.type,
    actorId: actor.id,
    time: Date.parse(time),
    arrival: Date.parse(receivedAt),
    properties,
    traits: undefined,
    context: undefined,
  }
}
