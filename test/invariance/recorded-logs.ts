import { join } from 'node:path'
import { type ActivityEvent, type ControlRecord, formatInstant, INSTANT_MAX } from '#contracts'
import { addressesOf, type CompiledCycle } from '#cycle'
import { PartitionedLines, packFrames } from '#event-log'
import { openRows, toActivityEvent } from '#sources'
import { START } from '../bench/load.ts'
import { musicAction, type PickMusician } from '../fixtures/music-service.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Events between two ticks of a live log. */
const TICK_EVENTS = 200

/** The recorded log, in the order of arrival; control records go to every partition. */
export interface RecordedLog {
  readonly name: string
  readonly records: readonly (ActivityEvent | ControlRecord)[]
  /** The time of the last tick, in every partition. */
  readonly end: number
}

/** The frames of each partition, as the writers of a log with this number of partitions make them. @param cycles those that the writers know */
export function framesOf({ records }: RecordedLog, partitions: number, cycles: readonly CompiledCycle[] = []): string[][] {
  const lines = new PartitionedLines(partitions, addressesOf(cycles))
  for (const record of records) {
    const line = JSON.stringify(record)
    if ('record' in record) lines.addToAll(line)
    else lines.addEvent(record, line)
  }
  const frames = Array.from({ length: partitions }, (): string[] => [])
  for (const [partition, taken] of lines.drain()) frames[partition] = packFrames(taken)
  return frames
}

const control = (record: 'writer.open' | 'tick' | 'backfill.begin' | 'backfill.end', writer: string, time: number): ControlRecord => ({
  record,
  writer,
  time: formatInstant(time),
})

/** Half a year of events of a shop's customers. */
export function shopLog(events: number): RecordedLog {
  return liveLog('a shop, live', { events, actors: Math.ceil(events / 40), action: purchaseOrVisit })
}

/** Half a year of a music service: what its listeners do, which also counts for the musicians that it names. A musician is heard for 50 days, then not for 70. */
export function musicLog(events: number): RecordedLog {
  const [actors, musicians] = [Math.ceil(events / 80), Math.ceil(events / 60)]
  const action = (random: SeededRandom, time: number): Action => {
    const day = Math.floor((time - START) / DAY_MS)
    const pick: PickMusician = () => {
      for (;;) {
        const musician = Math.floor(random.share() * musicians)
        if ((day + 7 * musician) % 120 < 50) return musician
      }
    }
    if (random.share() < 0.3) return [ownSteps[Math.floor(random.share() * ownSteps.length)] ?? '', { artistId: `a${pick(random)}`, stars: 5 }]
    const { event, properties } = musicAction(random, pick)
    return [event, properties]
  }
  return liveLog('a music service, live', { events, actors, action })
}

/** What musicians do, more often than in a real service, so that short logs lead through their whole cycle. */
const ownSteps = ['Identity Verified', 'Musician Page Opened', 'Work Published', 'Fan Answered', 'Musician Featured', 'Song Rated', 'Musician Followed']

/** The name and the properties of an event. */
type Action = readonly [event: string, properties: Readonly<Record<string, unknown>>]

/** Half a year of events. Some have the same instant, some arrive out of order, some are late, some are copies. */
function liveLog(
  name: string,
  { events, actors, action }: { events: number; actors: number; action: (random: SeededRandom, time: number) => Action },
): RecordedLog {
  const random = new SeededRandom(41)
  const span = 180 * DAY_MS
  const times = new Map<string, number>()
  const arrivals = Array.from({ length: events }, (_, n) => {
    const customer = `c${Math.floor(random.share() * actors)}`
    const time = (random.share() < 0.4 ? times.get(customer) : undefined) ?? START + Math.floor(random.share() * span)
    times.set(customer, time)
    const share = random.share()
    const delay = share < 0.8 ? random.share() * 60_000 : share < 0.97 ? random.share() * 47 * HOUR_MS : random.share() * 10 * DAY_MS
    const [event, properties] = action(random, time)
    const id = `e${random.share() < 0.02 ? Math.max(0, n - 1 - Math.floor(random.share() * 5)) : n}`
    const actor = { type: 'user', id: customer }
    return { id, event, actor, properties, time, arrival: time + Math.floor(delay) }
  })
  arrivals.sort((a, b) => a.arrival - b.arrival)
  // A copy of an event has the same actor and time.
  const first = new Map<string, (typeof arrivals)[number]>()
  const records: (ActivityEvent | ControlRecord)[] = [control('writer.open', 'ingest', START)]
  for (const [n, arrived] of arrivals.entries()) {
    const { id, event, actor, properties, time } = first.get(arrived.id) ?? arrived
    first.set(id, first.get(id) ?? arrived)
    if (n % TICK_EVENTS === TICK_EVENTS - 1) records.push(control('tick', 'ingest', arrived.arrival))
    records.push({ id, type: 'track', event, actor, properties, time: formatInstant(time), receivedAt: formatInstant(Math.max(time, arrived.arrival)) })
  }
  const end = START + span + 120 * DAY_MS
  records.push(control('tick', 'ingest', end))
  return { name, records, end }
}

function purchaseOrVisit(random: SeededRandom): Action {
  const share = random.share()
  if (share < 0.5) return ['Product Viewed', { product_id: 'p' }]
  if (share < 0.75) return ['Order Completed', { total: Math.round(random.share() * 8000) / 100, artist: `artist-${Math.floor(random.share() * 40)}` }]
  if (share < 0.9) return ['Products Searched', { query: 'bach', results: random.share() < 0.2 ? 0 : 12 }]
  return ['Product Reviewed', { rating: 1 + Math.floor(random.share() * 5) }]
}

/** Contributions to a music library, in the order in which they were recorded over eighteen years. Many are out of order, some by years. */
export async function contributionsLog(folder: string): Promise<RecordedLog> {
  const rows = openRows({
    input: { path: join(import.meta.dirname, '../fixtures/data/beets_contributions.csv.gz') },
    csv: { actor: 'actor', time: 'ts', recorded: 'recorded_ts', event: 'Visit', where: [{ bot: '0' }] },
    asRecorded: true,
    sort: { memoryBytes: 64 << 20, folder },
  })
  const history: ActivityEvent[] = []
  for await (const batch of rows.batches) for (const row of batch) history.push(toActivityEvent(row, formatInstant(row.arrival)))
  const end = Math.min(INSTANT_MAX, (rows.lastArrival ?? 0) + 60 * DAY_MS)
  const records = [
    control('backfill.begin', 'history', START),
    ...history,
    // The import ends a month after its last row. Deadlines in that month are history, deadlines in the next month are live.
    control('backfill.end', 'history', end - 30 * DAY_MS),
    control('writer.open', 'ingest', end),
    control('tick', 'ingest', end),
  ]
  return { name: 'contributions, as recorded', records, end }
}
