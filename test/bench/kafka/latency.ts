import { setTimeout as sleep } from 'node:timers/promises'
import { instantOf } from '#contracts'
import { openKafkaLog } from '#event-log'
import { newCluster } from '../../../libs/event-log/src/kafka/client/kafka-client.ts'
import { PartitionLog } from '../../../libs/event-log/src/kafka/log/partition-log.ts'
import { type Figure, quantileOf } from '../figure.ts'
import { Load, openLine, tickLine } from '../load.ts'
import type { BenchBroker } from './bench-broker.ts'
import { startProcessor } from './cases.ts'

/** The number of actors that have events again and again, without a transition. */
const KNOWN = 20_000
/** One event in this number of events is the first event of an actor, and leads to a transition. */
const NEW_EVERY = 50
/** The events of this time are written as one frame, as ingest does. */
const SLOT_MS = 5
const TICK_MS = 1000
const WARM_UP_MS = 6000
const COUNTED_MS = 12_000
/** After the last append: its transitions are in the feed by then. */
const LAST_READ_MS = 1000

/** The time from the call that writes an event until a reader of committed records has its transition. */
export async function latency(bench: BenchBroker): Promise<Figure[]> {
  return [...(await latencyAt(bench, 5000)), ...(await latencyAt(bench, 20_000))]
}

async function latencyAt(bench: BenchBroker, rate: number): Promise<Figure[]> {
  const settings = bench.settings(`latency-${rate}`)
  const log = await openKafkaLog(settings)
  const writer = log.writer()
  const child = startProcessor(settings)
  const from = performance.now()
  const begun = Date.now()
  const end = new AbortController()
  const delays: number[] = []
  const reading = read(bench, `${settings.prefix}transitions`, end.signal, (at) => {
    if (at >= begun + WARM_UP_MS) delays.push(Date.now() - at)
  })
  const known = new Load({ actors: KNOWN })
  const newcomers = new Load({ actors: Number.MAX_SAFE_INTEGER, seed: 2, first: KNOWN })
  let [sent, ticked] = [0, 0]
  const appends: Promise<unknown>[] = []
  while (performance.now() - from < WARM_UP_MS + COUNTED_MS) {
    const now = Date.now()
    const due = Math.floor(((performance.now() - from) / 1000) * rate)
    const lines: string[] = sent === 0 ? [openLine(now)] : []
    // First each known actor has one event.
    for (; sent < due; sent++) lines.push(sent % NEW_EVERY === 0 ? newcomers.inTurn(now) : known.inTurn(now))
    if (now - ticked >= TICK_MS) {
      lines.push(tickLine(now))
      ticked = now
    }
    if (lines.length > 0) appends.push(writer.append(0, [lines.join('\n')]))
    await sleep(SLOT_MS)
  }
  await Promise.all(appends)
  await sleep(LAST_READ_MS)
  child.check()
  end.abort()
  await reading
  await child.stop()
  await writer.close()
  await bench.deleteTopics((topic) => topic.startsWith(settings.prefix ?? ''))
  const what = `produce to readable transition, ${rate.toLocaleString('en-US')} events/s, 2 % outputs`
  return [0.5, 0.99, 1].map((quantile) => ({
    what: `${what}, ${quantile === 1 ? 'longest' : `p${quantile * 100}`} of ${delays.length}`,
    unit: 'ms',
    samples: [quantileOf(delays, quantile)],
  }))
}

async function read(bench: BenchBroker, topic: string, signal: AbortSignal, onTransition: (at: number) => void): Promise<void> {
  const cluster = newCluster(bench.settings(''))
  const log = new PartitionLog(cluster, topic, 0)
  for (let at = 0; !signal.aborted; ) {
    const { records, next } = await log.fetch(at, { bytesMax: 1 << 20, waitMs: 100 })
    for (const { value } of records) onTransition(instantOf(JSON.parse(String(value)).at))
    at = next
  }
  await cluster.disconnect()
}
