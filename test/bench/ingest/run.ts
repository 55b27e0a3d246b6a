// `npm run bench:ingest`: what ingest accepts over HTTP, durable and with keys, beside a bare route that only parses the same bodies.
//   -- NAME…    only these parts: embedded, kafka
//   -- --brief  short rounds, as a trial
//   -- --write  put the table into docs/reference/benchmarks.md
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Figure, medianOf } from '../figure.ts'
import { head, machine, row } from '../table.ts'
import { fullLoad, type Rate, steadyLoad } from './load-runs.ts'
import { bareRoute, embedded, onKafka, type Subject } from './subjects.ts'

const PAGE = join(import.meta.dirname, '../../../docs/reference/benchmarks.md')
/** Matches the table in the page. */
const TABLE = /(<!-- ingest -->)[\s\S]*?(<!-- end of ingest -->)/
const BATCH = 100
const BATCHES_AT_ONCE = 16
const SINGLES_AT_ONCE = 64

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false }, brief: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const { rounds, seconds } = values.brief ? { rounds: 2, seconds: 2 } : { rounds: 5, seconds: 6 }

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = { embedded: besideBareRoute, kafka: onBrokers }
const lines = [
  `${machine()}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')} at the beginning, ${cpus().length} cores for the server, the fold and the client`,
  '',
  ...head,
]
process.stdout.write(`${lines.join('\n')}\n`)
for (const [name, part] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const rows = (await part()).map(row)
  process.stdout.write(`${rows.join('\n')}\n`)
  lines.push(...rows)
}
if (values.write) writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(TABLE, `$1\n\n${lines.join('\n')}\n\n$2`))

/** Rondo and the bare route in turn, so that other work on the machine meets both. */
async function besideBareRoute(): Promise<Figure[]> {
  const [rondo, bare] = [await embedded(), await bareRoute()]
  try {
    await fullLoad(rondo, { batch: BATCH, connections: BATCHES_AT_ONCE, seconds })
    await fullLoad(bare, { batch: BATCH, connections: BATCHES_AT_ONCE, seconds })
    const batches = await inTurn(rondo, bare, { batch: BATCH, connections: BATCHES_AT_ONCE })
    const singles = await inTurn(rondo, bare, { batch: undefined, connections: SINGLES_AT_ONCE })
    const half = Math.round(medianOf(batches.rates.map(({ eventsPerSecond }) => eventsPerSecond)) / 2)
    return [
      ...figuresOf(`batches of ${BATCH}, rondo start, durable, keys on`, batches, { rate: 60_000, share: 50 }),
      ...figuresOf('single events, rondo start, durable, keys on', singles, {}),
      ...(await delays(rondo, half)),
    ]
  } finally {
    await Promise.all([rondo.stop(), bare.stop()])
  }
}

async function onBrokers(): Promise<Figure[]> {
  const [rondo, bare] = [await onKafka(), await bareRoute()]
  try {
    await fullLoad(rondo, { batch: BATCH, connections: BATCHES_AT_ONCE, seconds })
    const batches = await inTurn(rondo, bare, { batch: BATCH, connections: BATCHES_AT_ONCE })
    const half = Math.round(medianOf(batches.rates.map(({ eventsPerSecond }) => eventsPerSecond)) / 2)
    return [...figuresOf(`batches of ${BATCH}, ingest on Kafka, acks=all, keys on`, batches, {}), ...(await delays(rondo, half))]
  } finally {
    await Promise.all([rondo.stop(), bare.stop()])
  }
}

interface Turns {
  readonly rates: readonly Rate[]
  readonly bare: readonly Rate[]
}

async function inTurn(rondo: Subject, bare: Subject, load: { batch: number | undefined; connections: number }): Promise<Turns> {
  const turns: { rates: Rate[]; bare: Rate[] } = { rates: [], bare: [] }
  for (let round = 0; round < rounds; round++) {
    turns.rates.push(await fullLoad(rondo, { ...load, seconds }))
    turns.bare.push(await fullLoad(bare, { ...load, seconds }))
  }
  return turns
}

function figuresOf(what: string, { rates, bare }: Turns, { rate, share }: { rate?: number; share?: number }): Figure[] {
  const perSecond = (all: readonly Rate[]): number[] => all.map(({ eventsPerSecond }) => eventsPerSecond)
  const ratios = rates.map(({ eventsPerSecond }, round) => (eventsPerSecond / (bare[round]?.eventsPerSecond ?? Number.NaN)) * 100)
  return [
    { what, unit: 'events/s', samples: perSecond(rates), ...(rate === undefined ? {} : { target: { atLeast: rate } }) },
    { what: 'a bare route with the same bodies', unit: 'events/s', samples: perSecond(bare) },
    { what: 'the share of it that is reached', unit: '%', samples: ratios, ...(share === undefined ? {} : { target: { atLeast: share } }) },
    { what: 'processor time of the process, with the fold where it folds', unit: 'µs/event', samples: rates.map(({ processorUs }) => processorUs) },
    { what: 'the same of the bare route', unit: 'µs/event', samples: bare.map(({ processorUs }) => processorUs) },
  ]
}

async function delays(subject: Subject, eventsPerSecond: number): Promise<Figure[]> {
  const runs = []
  for (let round = 0; round < rounds; round++) runs.push(await steadyLoad(subject, { batch: BATCH, eventsPerSecond, seconds }))
  return [
    { what: `answer at half of that load (${eventsPerSecond.toLocaleString('en-US')} events/s), p50`, unit: 'ms', samples: runs.map(({ p50 }) => p50) },
    { what: 'the same, p99', unit: 'ms', samples: runs.map(({ p99 }) => p99) },
  ]
}
