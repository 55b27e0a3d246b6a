// The shipped cycles of listeners and musicians over one log give the bytes that each of them gives alone, and the histories of the oracle.
import { describe, expect, it } from '@jest/globals'
import { type CompiledCycle, compileCycle, identityOf } from '#cycle'
import { type KafkaSettings, type LogReader, namesOfCycles, type OwnedPartition, openKafkaLog, partitionOf } from '#event-log'
import { runPartition, SharedReading } from '#pipeline'
import { cyclesOf } from '../../libs/event-log/src/kafka/client/kafka-settings.ts'
import { shippedDefinition } from '../bench/cycle.ts'
import { brokerForTests, trialSettings } from '../fixtures/broker/broker-for-tests.ts'
import { feedOf, folded, valuesOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { expected, historiesOf, lateIn } from './histories.ts'
import { framesOf, musicLog, type RecordedLog } from './recorded-logs.ts'

const EVENTS = process.env['RONDO_TEST_LONG'] === '1' ? 100_000 : 8000
const APPEND_FRAMES = 64
/** The number of partitions, and of the processors that share them. */
const SHAPES = [
  [1, 1],
  [3, 2],
  [6, 2],
] as const
const broker = brokerForTests()
const definitions = ['listener', 'musician'].map(shippedDefinition)
const cycles = definitions.map((definition) => compileCycle(definition))
const log: RecordedLog = musicLog(EVENTS)
const byOracle = definitions.map((definition) => expected(definition, log.records))

/** Settings for topics of their own, into which the log is written. */
async function deployment(run: readonly CompiledCycle[], partitions: number): Promise<KafkaSettings> {
  const settings = trialSettings(broker(), { partitions, ...namesOfCycles(run.map((cycle) => identityOf(cycle))) })
  const writer = (await openKafkaLog(settings)).writer()
  for (const [partition, frames] of framesOf(log, partitions, run).entries()) {
    for (let at = 0; at < frames.length; at += APPEND_FRAMES) await writer.append(partition, frames.slice(at, at + APPEND_FRAMES))
  }
  await writer.close()
  return settings
}

/** A processor of this process that folds all partitions which its group assigns to it, for all cycles. */
class Processor {
  readonly #folded: readonly CompiledCycle[]
  readonly #reader: LogReader
  readonly #readings = new Map<number, SharedReading>()
  readonly #runs: { readonly partition: number; readonly abort: AbortController; readonly done: Promise<void> }[] = []

  constructor(run: readonly CompiledCycle[], reader: LogReader) {
    this.#folded = run
    this.#reader = reader
  }

  /** @param onEnd called when a partition is folded to the end of the log for a cycle */
  start(onEnd: (partition: number, cycle: string) => void): Promise<void> {
    const assigned = (owned: OwnedPartition): void => {
      const { partition } = owned
      const cycle = this.#folded.find((one) => one.cycle === owned.cycle) as CompiledCycle
      const abort = new AbortController()
      const reading = this.#readings.get(partition) ?? new SharedReading()
      this.#readings.set(partition, reading)
      const report = (progress: { kind: string; logTime?: number }): void => {
        if ((progress.logTime ?? Number.NEGATIVE_INFINITY) >= log.end) onEnd(partition, cycle.cycle)
      }
      const done = runPartition(owned, cycle, { signal: abort.signal, report, reading }).catch((failure: unknown) => {
        // A partition that is lost during a restore loses the connection that reads it.
        if (!abort.signal.aborted) throw failure
      })
      this.#runs.push({ partition, abort, done })
    }
    const revoked = (lost: number): void => {
      for (const { partition, abort } of this.#runs) if (partition === lost) abort.abort()
    }
    return this.#reader.own({ assigned, revoked })
  }

  async stop(): Promise<void> {
    for (const { abort } of this.#runs) abort.abort()
    await Promise.all(this.#runs.map(({ done }) => done))
    await this.#reader.close()
  }
}

/** Folds the whole log, with this number of processors. @returns what was published for each cycle, by partition */
async function publishedBy(settings: KafkaSettings, run: readonly CompiledCycle[], processorCount: number): Promise<Published[]> {
  const kafka = await openKafkaLog(settings)
  const ended = new Set<string>()
  const processors = Array.from({ length: processorCount }, () => new Processor(run, kafka.reader()))
  await Promise.all(processors.map((processor) => processor.start((partition, cycle) => ended.add(`${partition} ${cycle}`))))
  await eventually(
    async () => ended.size,
    (size) => size === settings.partitions * run.length,
  )
  await Promise.all(processors.map((processor) => processor.stop()))
  return Promise.all(cyclesOf(settings).map(publishedOf))
}

/** What was published for one cycle, by partition. */
interface Published {
  readonly feed: string[][]
  readonly late: string[][]
  /** The newest record of each name of events. */
  readonly names: string[][]
}

async function publishedOf(cycle: KafkaSettings): Promise<Published> {
  const partitions = Array.from({ length: cycle.partitions }, (_, partition) => partition)
  const newestByName = (records: string[]): string[] => [...new Map(records.map((record) => [JSON.parse(record).name, record])).values()].sort()
  return {
    feed: await Promise.all(partitions.map((partition) => feedOf(cycle, partition))),
    late: await Promise.all(partitions.map((partition) => valuesOf(cycle, 'late', partition))),
    names: await Promise.all(partitions.map(async (partition) => newestByName(await valuesOf(cycle, 'names', partition)))),
  }
}

/** The bytes of one fold of each partition. */
function foldedAlone(cycle: CompiledCycle, partitions: number): string[][] {
  return framesOf(log, partitions, [cycle]).map((frames, partition) =>
    folded(
      frames.map((frame, offset) => ({ offset, frame })),
      cycle,
      { owns: (actor) => partitionOf(actor, partitions) === partition },
    ),
  )
}

const parsed = <T>(texts: string[][]): T[] => texts.flat().map((text) => JSON.parse(text) as T)

describe.each(SHAPES)('the cycles of listeners and musicians over %i partitions and %i processors', (partitions, processors) => {
  it('have the feeds, the late events and the names of events that two Rondos with one cycle each have, and the histories of the oracle', async () => {
    const both = await publishedBy(await deployment(cycles, partitions), cycles, processors)
    for (const [i, cycle] of cycles.entries()) {
      const [alone] = await publishedBy(await deployment([cycle], partitions), [cycle], processors)
      expect(both[i]).toEqual(alone)
      const { feed, late } = alone as Published
      expect(feed).toEqual(foldedAlone(cycle, partitions))
      expect({ histories: historiesOf(parsed(feed)), late: lateIn(parsed(late)) }).toEqual(byOracle[i])
      expect(feed.flat().length).toBeGreaterThan(500)
      expect(late.flat().length).toBeGreaterThan(10)
    }
  })
})
