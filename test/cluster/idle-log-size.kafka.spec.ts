import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { compileCycle, PartitionFold } from '#cycle'
import { type FoldTimes, type KafkaSettings, type LogWriter, openKafkaLog, sourceWriter } from '#event-log'
import { decodeRecord } from '#pipeline'
import { SimulatedClock } from '#runtime'
import { Admission } from '../../apps/ingest/src/admission/admission.ts'
import { IngestCounts } from '../../apps/ingest/src/admission/ingest-counts.ts'
import { KafkaIngestLog } from '../../apps/ingest/src/kafka/kafka-ingest-log.ts'
import { SourceWriters } from '../../apps/ingest/src/sources/source-writers.ts'
import { brokerForTests, trialSettings } from '../fixtures/broker/broker-for-tests.ts'
import { logOf } from '../fixtures/broker/log-contents.ts'
import { presence } from '../fixtures/cycles/presence.ts'
import { MemoryRegistry } from '../fixtures/ingest/memory-registry.ts'

const PARTITIONS = 3
const SECONDS = 600
const DAY_S = 86_400
/** The limit of the bytes by which an idle partition grows in a day. */
const BYTES_A_DAY_MAX = 5_000_000

const broker = brokerForTests()

/** A log with a function that waits for all pending writes, so that the test writes each beat before the next one. */
function countingPending(log: LogWriter): { log: LogWriter; written: () => Promise<void> } {
  const pending = new Set<Promise<number>>()
  const append: LogWriter['append'] = (partition, frames) => {
    const write = log.append(partition, frames)
    pending.add(write)
    return write.finally(() => pending.delete(write))
  }
  const written = async (): Promise<void> => {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all(pending)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { log: { partitions: log.partitions, append, close: () => log.close() }, written }
}

/** An ingest process without events. Several processes share the partitions of a source. */
class IdleProcess {
  readonly #clock: SimulatedClock
  readonly #sources: SourceWriters
  readonly #admission: Admission
  readonly #written: () => Promise<void>
  readonly #names: readonly string[]
  readonly #writer: LogWriter

  constructor(clock: SimulatedClock, memoryRegistry: MemoryRegistry, { writer, names }: { writer: LogWriter; names: readonly string[] }) {
    const { log, written } = countingPending(writer)
    const onAlarm = (text: string): void => expect(text).toBe('silence')
    const shared = { log: new KafkaIngestLog({ writer: log, refusals: log, clock, onAlarm }), onAlarm() {} }
    this.#clock = clock
    this.#writer = writer
    this.#names = names
    this.#written = written
    this.#sources = new SourceWriters({ ...shared, registry: memoryRegistry.registry() })
    const folded = (): FoldTimes[] => Array.from({ length: PARTITIONS }, () => ({ logTime: clock.now(), dueAt: Number.POSITIVE_INFINITY }))
    const otherTicks = (): string[] => this.#sources.ticks(this.#states())
    const counts = new IngestCounts(new Registry())
    this.#admission = new Admission({ ...shared, registry: memoryRegistry.registry(), counts, name: 'here', folded, otherTicks, beatMs: 2 ** 30 })
  }

  async start(): Promise<void> {
    await this.#admission.start(() => this.#sources.open(this.#names))
    await this.#written()
  }

  async beat(): Promise<void> {
    await this.#sources.beat(this.#states())
    await this.#admission.beat()
    await this.#written()
  }

  async close(): Promise<void> {
    await this.#writer.close()
  }

  /** The sources were read at different milliseconds. */
  #states(): Map<string, { readUntil: number; isWell: boolean }> {
    return new Map(this.#names.map((name, at) => [name, { readUntil: this.#clock.now() - ((at * 37) % 500), isWell: true }]))
  }
}

function bytesOf({ prefix }: KafkaSettings, partition: number): number {
  const data = join(broker().folder, 'data', `${prefix}activity-${partition}`)
  return readdirSync(data)
    .filter((file) => file.endsWith('.log'))
    .reduce((sum, file) => sum + statSync(join(data, file)).size, 0)
}

describe('an idle partition of activity', () => {
  it.each([
    ['one ingest process', 1, 0],
    ['three ingest processes', 3, 0],
    ['one ingest process, which reads a source of 24 partitions', 1, 24],
    ['two ingest processes, which share a source of 24 partitions', 2, 24],
  ])('grows by no more than 5 MB a day with %s', async (what, processes, sourcePartitions) => {
    const settings = trialSettings(broker(), { partitions: PARTITIONS })
    const log = await openKafkaLog(settings)
    // The time is in the past, because a tick that is later than its append would be refused.
    const clock = new SimulatedClock(Date.now() - DAY_S * 1000)
    const memoryRegistry = new MemoryRegistry(clock)
    const names = Array.from({ length: sourcePartitions }, (_, partition) => sourceWriter('shop.orders', partition))
    const running = Array.from({ length: processes }, (_, at) => {
      return new IdleProcess(clock, memoryRegistry, { writer: log.writer(), names: names.filter((_name, partition) => partition % processes === at) })
    })
    for (const ingest of running) await ingest.start()
    const before = Array.from({ length: PARTITIONS }, (_, partition) => bytesOf(settings, partition))
    for (let second = 0; second < SECONDS; second++) {
      clock.advanceBy(1000)
      await Promise.all(running.map((ingest) => ingest.beat()))
    }
    await Promise.all(running.map((ingest) => ingest.close()))
    for (const [partition, from] of before.entries()) {
      const dailyBytes = ((bytesOf(settings, partition) - from) / SECONDS) * DAY_S
      process.stderr.write(`${what}: ${(dailyBytes / 1e6).toFixed(1)} MB a day\n`)
      expect(dailyBytes).toBeGreaterThan(100_000)
      expect(dailyBytes).toBeLessThan(BYTES_A_DAY_MAX)
      // Log time still moves.
      const fold = new PartitionFold(compileCycle(presence), { output() {} })
      for (const entry of (await logOf(settings, partition)).flatMap(decodeRecord)) if (entry.kind === 'control') fold.apply(entry.record)
      expect(clock.now() - fold.state.time.now).toBeLessThan(17_000)
      expect(fold.state.time.strayRecords).toBe(0)
    }
  })
})
