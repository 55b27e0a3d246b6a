// Rule 22: whom an event counts for does not depend on the number of partitions.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type CycleDefinition, definitionDefaults, type Output } from '#contracts'
import { addressesOf, compileCycle, PartitionFold } from '#cycle'
import { PartitionedLines, packFrames, partitionOf, repartition } from '#event-log'
import { decodeFrame } from '#pipeline'
import { addressedTwoOrdersArb } from '../oracle/generate-addressed.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { expected, historiesOf } from './histories.ts'
import { MemoryLog, recordsOf } from './memory-log.ts'

const PARTITIONS = [1, 3, 6]
const options = { numRuns: process.env['RONDO_TEST_LONG'] === '1' ? 5_000 : 150 }

/** The frames that ingest writes for these records. */
function written(log: readonly LogRecord[], partitions: number, cycles: readonly CycleDefinition[]): string[][] {
  const lines = new PartitionedLines(partitions, addressesOf(cycles.map(compileCycle)))
  for (const record of log) {
    if ('record' in record) lines.addToAll(JSON.stringify(record))
    else lines.addEvent(record, JSON.stringify(record))
  }
  const frames = Array.from({ length: partitions }, (): string[] => [])
  for (const [partition, taken] of lines.drain()) frames[partition] = packFrames(taken)
  return frames
}

async function copied(frames: readonly string[][], partitions: number, cycles: readonly CycleDefinition[]): Promise<string[][]> {
  const to = new MemoryLog(partitions)
  await repartition({ from: frames.map((own) => recordsOf(own)), to, addresses: addressesOf(cycles.map(compileCycle)) })
  return to.frames
}

function folded(definition: CycleDefinition, frames: readonly string[][]) {
  const outputs: Output[] = []
  const counts = new Map<string, number>()
  const unreached = { events: 0 }
  for (const [partition, own] of frames.entries()) {
    const owns = (id: string): boolean => partitionOf(id, frames.length) === partition
    const fold = new PartitionFold(compileCycle(definition), { output: (output) => outputs.push(output) }, { owns })
    for (const entry of own.flatMap(decodeFrame)) {
      if (entry.kind === 'poison') throw new Error(entry.reason)
      fold.apply(entry.kind === 'event' ? entry.event : entry.record)
    }
    for (const [name, count] of Object.entries(fold.state.counts)) counts.set(name, (counts.get(name) ?? 0) + count)
    unreached.events += fold.state.remarks.record().addressing?.unreached ?? 0
  }
  return { histories: historiesOf(outputs), counts: Object.fromEntries(counts), unreached: unreached.events }
}

/** Without the bound on all journals, which is one of each partition, and without late events, which depend on log time. */
const casesArb = addressedTwoOrdersArb.map(({ definition, log }) => ({
  definition: { ...definition, journals: definitionDefaults.journals },
  plain: { ...definition, actor: 'user', journals: definitionDefaults.journals },
  log,
}))

describe('events that count for the actors that they name', () => {
  it('give each actor the history of the oracle over 1, 3 and 6 partitions, and the same counts', () => {
    fc.assert(
      fc.property(casesArb, ({ definition, log }) => {
        const inOne = folded(definition, written(log, 1, [definition]))
        expect(inOne.histories).toEqual(expected(definition, log).histories)
        for (const partitions of PARTITIONS) expect(folded(definition, written(log, partitions, [definition]))).toEqual({ ...inOne, unreached: 0 })
      }),
      options,
    )
  })

  it('change nothing in a cycle that counts events for those who send them', () => {
    fc.assert(
      fc.property(casesArb, ({ definition, plain, log }) => {
        for (const partitions of PARTITIONS) expect(folded(plain, written(log, partitions, [definition]))).toEqual(folded(plain, written(log, partitions, [])))
      }),
      options,
    )
  })

  it('keep the histories of the actors that they name, and of those who send them, in copies with other numbers of partitions', async () => {
    await fc.assert(
      fc.asyncProperty(casesArb, fc.constantFrom([1, 3, 6], [3, 6, 1], [6, 3, 2], [3, 1, 6], [6, 1, 3]), async ({ definition, plain, log }, shapes) => {
        let frames = written(log, shapes[0] as number, [definition])
        for (const partitions of shapes.slice(1)) {
          frames = await copied(frames, partitions, [definition])
          expect(folded(definition, frames)).toMatchObject({ histories: expected(definition, log).histories, unreached: 0 })
          expect(folded(plain, frames).histories).toEqual(expected(plain, log).histories)
        }
      }),
      options,
    )
  })

  it('reach their actors in a copy if no cycle that names them was known when they were written, and until then are counted as missing', async () => {
    let missing = 0
    await fc.assert(
      fc.asyncProperty(casesArb, fc.constantFrom([3, 6], [6, 3], [3, 3]), async ({ definition, log }, [before, after]) => {
        const frames = written(log, before as number, [])
        missing += folded(definition, frames).unreached
        const copy = folded(definition, await copied(frames, after as number, [definition]))
        expect(copy.unreached).toBe(0)
        expect(Object.keys(copy.histories).sort()).toEqual(Object.keys(expected(definition, log).histories).sort())
      }),
      options,
    )
    expect(missing).toBeGreaterThan(0)
  })
})
