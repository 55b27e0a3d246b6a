import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '#runtime'
import { type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import { type Bench, type Figure, quantileOf } from './figure.ts'
import { actorId } from './load.ts'

const BATCH = 100
/** More than enough to keep both cores busy: each waits for its answer. */
const CALLERS = 16
/** More batches than ingest accepts in the time, so that none is sent twice. */
const BATCHES_READY = 4000
/** After the last batch was sent: its transition must be in the feed by then, or it counts as never read. */
const LAST_READ_MS = 500
const SECONDS = 8
const STEADY_EVENTS_S = 5000
const ACTORS = 100_000
/** The time in which a new process still runs code that is not compiled. It has its own line in the table. */
const WARM_UP_S = 2

/** How fast events come in over HTTP, and how soon they can be read. */
export const httpBench: Bench = { ingest, readable }

async function withApp(measure: (app: RunningApp) => Promise<Figure[]>): Promise<Figure[]> {
  using parent = temporaryFolder()
  const app = await startApp({ args: ['--data', `${parent.path}/data`] })
  const figures = await measure(app)
  await app.stop()
  return figures
}

function batchOf(random: SeededRandom, newcomer?: string): string {
  const track = (userId: string): object => ({
    type: 'track',
    messageId: random.uuid(),
    userId,
    event: 'Order Completed',
    properties: { cds: 1, dollars: 12.5, path: '/albums/17' },
  })
  const batch = Array.from({ length: BATCH }, (_, i) => track(i === 0 && newcomer !== undefined ? newcomer : actorId(Math.floor(random.share() * ACTORS))))
  return JSON.stringify({ batch })
}

async function post(url: string, body: string): Promise<void> {
  const response = await fetch(`${url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  await response.arrayBuffer()
  if (response.status !== 200) throw new TypeError(`ingest answered ${response.status}`)
}

/** Sends as many batches as ingest accepts. The load is made before the measurement, and sent from this process. */
function ingest(): Promise<Figure[]> {
  return withApp(async (app) => {
    const random = new SeededRandom(7)
    const bodies = Array.from({ length: BATCHES_READY }, () => batchOf(random))
    const end = performance.now() + SECONDS * 1000
    let [sent, acceptedEvents] = [0, 0]
    const caller = async (): Promise<void> => {
      while (performance.now() < end && sent < bodies.length) {
        await post(app.url, bodies[sent++] as string)
        acceptedEvents += BATCH
      }
    }
    const begun = performance.now()
    await Promise.all(Array.from({ length: CALLERS }, caller))
    const seconds = (performance.now() - begun) / 1000
    return [
      {
        what: `HTTP ingest, batches of ${BATCH}, durable, folded meanwhile`,
        unit: 'events/s',
        samples: [acceptedEvents / seconds],
        target: { atLeast: 30_000 },
      },
    ]
  })
}

/** One actor of each batch is new, so that the batch can be recognized in the feed. */
function readable(): Promise<Figure[]> {
  return withApp(async (app) => {
    const random = new SeededRandom(11)
    const [accepted, read] = [new Map<string, number>(), new Map<string, number>()]
    let isOver = false
    const reader = readFeed(
      app.url,
      () => isOver,
      (actor) => read.set(actor, performance.now()),
    )
    for (let due = performance.now(), batch = 0; batch < ((WARM_UP_S + SECONDS) * STEADY_EVENTS_S) / BATCH; batch++) {
      const newcomer = newcomerOf(batch)
      const body = batchOf(random, newcomer)
      void post(app.url, body).then(() => accepted.set(newcomer, performance.now()))
      due += (BATCH / STEADY_EVENTS_S) * 1000
      await sleep(Math.max(0, due - performance.now()))
    }
    await sleep(LAST_READ_MS)
    isOver = true
    await reader
    // The feed can show a batch before its sender has read the answer.
    const delayOf = (newcomer: string): number => Math.max(0, (read.get(newcomer) ?? Number.POSITIVE_INFINITY) - (accepted.get(newcomer) ?? 0))
    const first = (WARM_UP_S * STEADY_EVENTS_S) / BATCH
    const [cold, delays] = [range(0, first), range(first, accepted.size)].map((batches) => batches.map((batch) => delayOf(newcomerOf(batch))))
    return [
      {
        what: `accepted to readable in the feed at ${STEADY_EVENTS_S} events/s, p99 of ${delays?.length}`,
        unit: 'ms',
        samples: [quantileOf(delays ?? [], 0.99)],
        target: { atMost: 100 },
      },
      { what: 'the same, p50', unit: 'ms', samples: [quantileOf(delays ?? [], 0.5)] },
      { what: `the same in the first ${WARM_UP_S} s after the start, slowest`, unit: 'ms', samples: [Math.max(...(cold ?? []))] },
    ]
  })
}

const newcomerOf = (batch: number): string => `newcomer-${batch}`
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

async function readFeed(url: string, isOver: () => boolean, onActor: (actor: string) => void): Promise<void> {
  for (let after = 0; !isOver(); ) {
    const response = await fetch(`${url}/v1/transitions?after=${after}&limit=1000&wait=1`)
    const { items, next } = (await response.json()) as { items: { output: { actor: { id: string } } }[]; next: number }
    for (const { output } of items) onActor(output.actor.id)
    after = next
  }
}
