import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchBroker } from './bench-broker.ts'
import { type Child, processorMs } from './child.ts'

const POLL_MS = 20
/** No topic of the benchmarks has more. */
const PARTITIONS_MAX = 8
/** A case that commits nothing for so long has failed without ending. */
const STANDSTILL_MS_MAX = 60_000

/** A case's turn: its processes are started, process a topic, and are stopped. */
export interface Turn {
  readonly topic: string
  readonly group: string
  /** The number of records before the measurement. */
  readonly warmUp: number
  readonly eventsARecord: number
  /** The number of records after which the turn ends; by default all records. */
  readonly until?: number
  start(): Child[] | Promise<Child[]>
}

/** The result of one case in one lap. */
export interface Lap {
  readonly eventsPerS: number
  readonly seconds: number
  /** The processor time of the case and of the broker for a thousand events, in milliseconds. */
  readonly ownMsPerK: number
  readonly brokerMsPerK: number
  /** The bytes that the broker wrote for the case for each event, from the first event, without the input. */
  readonly bytesAnEvent: number
}

/**
 * Runs a turn. The measure is the committed offset of a group, read from the broker. So all cases are measured in the same way, and
 * only results that survive a crash count. The time begins with the first commit after the warm-up and ends with the last commit.
 */
export async function race(bench: BenchBroker, turn: Turn): Promise<Lap> {
  const end = turn.until ?? lastCommit(await bench.end(turn.topic), turn)
  const bytes = bench.logBytes()
  const begun = performance.now()
  const children = await turn.start()
  try {
    const from = await reached(bench, turn, turn.warmUp, children)
    const to = await reached(bench, turn, end, children)
    const events = (to.offset - from.offset) * turn.eventsARecord
    const seconds = (to.ms - from.ms) / 1000
    const perK = (ms: number): number => (ms / events) * 1000
    bench.report(
      `${turn.group.slice(0, 16)} on ${turn.topic}: warm ${((from.ms - begun) / 1000).toFixed(1)} s, then ${Math.round(events)} events in ${seconds.toFixed(1)} s`,
    )
    return {
      eventsPerS: events / seconds,
      seconds,
      ownMsPerK: perK(to.ownMs - from.ownMs),
      brokerMsPerK: perK(to.brokerMs - from.brokerMs),
      bytesAnEvent: (bench.logBytes() - bytes) / (to.offset * turn.eventsARecord),
    }
  } finally {
    await Promise.all(children.map((child) => child.stop()))
  }
}

/** Rondo commits the offset of the last applied record, other cases the next offset. So each partition can be short by one. */
function lastCommit(end: number, { eventsARecord }: Turn): number {
  return eventsARecord > 1 ? end - PARTITIONS_MAX : end
}

/** The time, and the processor time of the case and of the broker, when an offset was reached. */
interface Split {
  readonly offset: number
  readonly ms: number
  readonly ownMs: number
  readonly brokerMs: number
}

async function reached(bench: BenchBroker, { group, topic }: Turn, goal: number, children: readonly Child[]): Promise<Split> {
  for (let [at, since] = [-1, performance.now()]; ; await sleep(POLL_MS)) {
    const offset = await bench.committed(group, topic)
    const ms = performance.now()
    if (offset >= goal) return { offset, ms, ownMs: sum(children.map(({ pid }) => processorMs(pid))), brokerMs: processorMs(bench.broker.pid ?? 0) }
    for (const child of children) child.check()
    if (offset !== at) [at, since] = [offset, ms]
    if (ms - since > STANDSTILL_MS_MAX) throw new TypeError(`${group} stands still at ${offset} of ${goal}: ${children[0]?.output.slice(-3000)}`)
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
