import { formatInstant } from '#contracts'
import { PartitionFold } from '#cycle'
import { decodeFrame } from '#pipeline'
import { cycleOf } from './cycle.ts'
import type { Bench, Figure } from './figure.ts'
import { type Content, DAY_MS, Load, START } from './load.ts'

const ACTORS = 1_000_000
const FRAME = 100
const HOUR_MS = 3_600_000

/** How much memory an actor and an event need. */
export const memoryBench: Bench = { presence: presenceBytes, shop: shopBytes, journal: journalBytes }

/**
 * A million actors, each seen three times in 40 days. All memory of the process counts: ids, states, timers, the ids that recognize
 * duplicates, Node itself.
 */
function presenceBytes(): Figure[] {
  const run = new Run(new Load({ actors: ACTORS }), new PartitionFold(cycleOf('presence-30d'), silent))
  run.spread(ACTORS, 3 * ACTORS, 40 * DAY_MS)
  return [{ what: 'memory of presence-30d at 1 M actors, all in', unit: 'bytes/actor', samples: [residentBytes() / ACTORS], target: { atMost: 250 } }]
}

/** A year in a shop, two events a month: three views, a purchase, a search and a review in turn by chance. */
function shopBytes(): Figure[] {
  const run = new Run(new Load({ actors: ACTORS, content: shopping }), new PartitionFold(cycleOf('shop-customer'), silent))
  run.spread(ACTORS, 24 * ACTORS, 365 * DAY_MS)
  return [
    {
      what: 'memory of shop-customer at 1 M actors after 24 events each in a year, all in',
      unit: 'bytes/actor',
      samples: [residentBytes() / ACTORS],
      target: { atMost: 600 },
    },
  ]
}

/** In a grace period of two hours 100 k actors have 3 M events, so that all events are in journals. */
function journalBytes(): Figure[] {
  const [actors, events] = [100_000, 3_000_000]
  const fold = new PartitionFold(cycleOf('presence-30d', { 'grace: 0s': 'grace: 2h' }), silent)
  const run = new Run(new Load({ actors }), fold)
  run.spread(actors, actors, HOUR_MS)
  const before = usedBytes()
  run.spread(0, events, 2 * HOUR_MS)
  return [{ what: 'memory of a journal entry, ids and filter included', unit: 'bytes', samples: [(usedBytes() - before) / events], target: { atMost: 48 } }]
}

const silent = { output: () => undefined }

/** A fold of a load, whose memory is measured. */
class Run {
  readonly #load: Load
  readonly #fold: PartitionFold
  #now = START

  constructor(load: Load, fold: PartitionFold) {
    this.#load = load
    this.#fold = fold
    fold.apply({ record: 'writer.open', writer: 'bench', time: formatInstant(START) })
  }

  /** Folds `events` events, spread over `lengthMs`. The first `inTurn` of them are of one actor after the other. */
  spread(inTurn: number, events: number, lengthMs: number): void {
    const begin = this.#now
    for (let n = 0; n < events; n += FRAME) {
      const lines = Array.from({ length: FRAME }, (_, i) => {
        const time = Math.floor(begin + (lengthMs * (n + i)) / events)
        return n + i < inTurn ? this.#load.inTurn(time) : this.#load.byChance(time)
      })
      this.#apply(lines.join('\n'))
      this.#now = Math.floor(begin + (lengthMs * (n + FRAME)) / events)
      this.#fold.apply({ record: 'tick', writer: 'bench', time: formatInstant(this.#now) })
    }
  }

  #apply(frame: string): void {
    for (const entry of decodeFrame(frame)) if (entry.kind === 'event') this.#fold.apply(entry.event)
  }
}

/** The memory of the process after a garbage collection. */
function residentBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  return process.memoryUsage.rss()
}

/** The used part of the heap. The free part varies and would hide a difference. */
function usedBytes(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const ARTISTS = 300

const shopping: Content = (random) => {
  const share = random.share()
  if (share < 0.5) return { event: 'Product Viewed', properties: { product_id: `p${Math.floor(random.share() * 5000)}` } }
  if (share < 0.75) {
    return {
      event: 'Order Completed',
      properties: { total: Math.round(random.share() * 8000) / 100, artist: `artist-${Math.floor(random.share() * ARTISTS)}` },
    }
  }
  if (share < 0.9) return { event: 'Products Searched', properties: { query: 'bach', results: random.share() < 0.2 ? 0 : 12 } }
  return { event: 'Product Reviewed', properties: { rating: 1 + Math.floor(random.share() * 5) } }
}
