import { beforeEach, describe, expect, it } from '@jest/globals'
import { type ControlRecord, RondoError } from '#contracts'
import { type LiveWriter, type LogWriter, sourceWriter, type WriterRegistry } from '#event-log'
import { SimulatedClock } from '#runtime'
import { MemoryRegistry } from '../../../../test/fixtures/ingest/memory-registry.ts'
import { KafkaIngestLog } from '../kafka/kafka-ingest-log.ts'
import { SourceWriters } from './source-writers.ts'

const START = Date.parse('2026-03-01T12:00:00.000Z')
const [first, second] = [sourceWriter('orders', 0), sourceWriter('orders', 1)]

let clock: SimulatedClock
let log: string[][]
let live: Map<string, LiveWriter>
let registry: WriterRegistry
let refused: string[]
let failures: number
let beforeAppend: () => void
beforeEach(() => {
  clock = new SimulatedClock(START)
  log = [[], []]
  const memoryRegistry = new MemoryRegistry(clock)
  live = memoryRegistry.entries
  registry = memoryRegistry.registry()
  refused = []
  failures = 0
  beforeAppend = () => {}
})

const writerInto = (append: (partition: number, frames: readonly string[]) => void): LogWriter => ({
  partitions: 2,
  async append(partition, frames) {
    append(partition, frames)
    return 0
  },
  async close() {},
})
function writersOf(): SourceWriters {
  const activity = writerInto((partition, frames) => {
    beforeAppend()
    log[partition]?.push(...frames.flatMap((frame) => frame.split('\n')))
  })
  const refusals = writerInto((_, frames) => {
    if (failures-- > 0) throw new RondoError('RONDO_LOG_UNAVAILABLE', 'down', { retriable: true })
    refused.push(...frames)
  })
  return new SourceWriters({ log: new KafkaIngestLog({ writer: activity, refusals, clock, onAlarm() {} }), registry })
}
const recordsIn = (partition: number): string[] => spoken(log[partition] ?? [])
const spoken = (lines: readonly string[]): string[] =>
  lines.map((line) => JSON.parse(line) as ControlRecord).map(({ record, writer, time }) => `${record} ${writer} ${time.slice(14, 19)}`)
const state = (readUntil: number | undefined, isWell = true) => ({ readUntil, isWell })

describe('the writers of a source', () => {
  it('are opened in every partition, each after its heartbeat, so that others can close them', async () => {
    const named = { writer: second, name: 'by another', time: START, timeoutMs: 1, seenAt: START }
    live.set(second, named)
    beforeAppend = () => expect([...live.keys()].sort()).toEqual([first, second])
    await writersOf().open([first, second])
    const opened = [`writer.open ${first} 00:00`, `writer.open ${second} 00:00`]
    expect([recordsIn(0), recordsIn(1)]).toEqual([opened, opened])
    expect(live.get(second)).toEqual(named)
  })

  it('tick up to the time to which their partitions were read, but not while this time is unknown or before they are open', async () => {
    const writers = writersOf()
    const states = new Map([
      [first, state(undefined)],
      [second, state(START + 2000)],
    ])
    expect(writers.ticks(states)).toEqual([])
    await writers.beat(states)
    expect(spoken(writers.ticks(states))).toEqual([`tick ${second} 00:02`])
    states.set(first, state(START + 1000))
    const both = [`tick ${first} 00:01`, `tick ${second} 00:02`]
    // Written again, since it is not known whether it is in the log.
    expect([spoken(writers.ticks(states)), spoken(writers.ticks(states))]).toEqual([both, both])
    expect(recordsIn(1)).toEqual([`writer.open ${first} 00:00`, `writer.open ${second} 00:00`])
    expect(live.get(first)).toMatchObject({ name: 'the source orders, partition 0', timeoutMs: 86_400_000 })
  })

  it('send no heartbeat while their source cannot be read, and are opened again after others have closed them', async () => {
    const writers = writersOf()
    await writers.beat(new Map([[first, state(START)]]))
    clock.advanceBy(60_000)
    await writers.beat(new Map([[first, state(START, false)]]))
    expect(live.get(first)?.seenAt).toBe(START)
    await registry.withdraw(first)
    await writers.beat(new Map([[first, state(START + 60_000)]]))
    expect(recordsIn(0)).toEqual([`writer.open ${first} 00:00`, `writer.open ${first} 01:00`])
    expect(live.has(first)).toBe(true)
  })

  it('are closed if their source is retired, without the writers of other sources', async () => {
    const other = sourceWriter('orders-2', 0)
    for (const writer of [first, second, other]) await registry.heartbeat({ writer, name: '', time: START, timeoutMs: 1 })
    await writersOf().retire('orders')
    expect(recordsIn(0)).toEqual([`writer.close ${first} 00:00`, `writer.close ${second} 00:00`])
    expect([...live.keys()]).toEqual([other])
  })

  it('write a refusal again until it is durable', async () => {
    failures = 2
    await writersOf().write({ events: [], quarantine: [{ code: 'RONDO_EVENT_INVALID', reason: 'r', where: 'w', refusedAt: null, raw: '' }] })
    expect(refused.length).toBe(1)
  })
})
