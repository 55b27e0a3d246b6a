import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { temporaryFolder } from '#runtime'
import type { SourceRow } from '../rows/source-row.ts'
import { type RowOrder, sortRows } from './row-sort.ts'

const temporary = temporaryFolder()
const folder = temporary.path
afterAll(() => temporary[Symbol.dispose]())

const ids = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\uffee', '😀', '0'), maxLength: 3 })
const rows = fc
  .array(fc.record({ id: ids, time: fc.nat(4), arrival: fc.nat(4), text: fc.string({ unit: 'binary' }) }), { maxLength: 200 })
  .map((list) => list.map(({ id, time, arrival, text }, at) => row(at + 1, { id, time, arrival, properties: { text } })))

function row(line: number, given: Partial<SourceRow>): SourceRow {
  return { line, time: 0, arrival: 0, id: 'id', event: 'Activity', type: 'track', actorType: 'user', actorId: 'u', ...given }
}

async function* inBatches(list: readonly SourceRow[], size: number): AsyncGenerator<readonly SourceRow[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}

/** A sort that has this much memory, or so little that it must use files. */
const IN_MEMORY = 1e9
const ON_DISK = 0

/** Sorts rows that come in batches of `size`. */
async function sorted(list: readonly SourceRow[], order: RowOrder, { memoryBytes = IN_MEMORY, size = 3 } = {}): Promise<SourceRow[]> {
  const all: SourceRow[] = []
  for await (const batch of sortRows(inBatches(list, size), order, { memoryBytes, folder })) all.push(...batch)
  return all
}

describe('sorted rows', () => {
  it('are ordered by time, then as in the input, not by their ids, both in memory and on disk', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 50 }), async (list, size) => {
        const expected = [...list].sort((a, b) => a.time - b.time || a.line - b.line)
        expect(await sorted(list, 'time', { size })).toEqual(expected)
        expect(await sorted(list, 'time', { memoryBytes: 20_000, size })).toEqual(expected)
        expect(await sorted(list, 'time', { memoryBytes: ON_DISK, size })).toEqual(expected)
      }),
    )
  })

  it('are ordered by arrival, and rows with the same arrival as in the input', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (list) => {
        const expected = [...list].sort((a, b) => a.arrival - b.arrival || a.line - b.line)
        expect(await sorted(list, 'arrival')).toEqual(expected)
        expect(await sorted(list, 'arrival', { memoryBytes: ON_DISK, size: 1 })).toEqual(expected)
      }),
    )
  })

  it('are merged from more sorted runs than can be open at once', async () => {
    // 7919 has no common divisor with 1000, so each time occurs three times, and in no simple order.
    const list = Array.from({ length: 3000 }, (_, n) => row(n + 1, { time: (n * 7919) % 1000, id: String(n % 10) }))
    expect(await sorted(list, 'time', { memoryBytes: ON_DISK, size: 7 })).toEqual(await sorted(list, 'time'))
  })
})

describe('the files of a sort', () => {
  /** The last line is the first by time. */
  const list = Array.from({ length: 5000 }, (_, n) => row(n + 1, { time: -n }))

  it('exist while it is read, and are deleted at its end', async () => {
    let filesMax = 0
    for await (const _batch of sortRows(inBatches(list, 500), 'time', { memoryBytes: ON_DISK, folder }))
      filesMax = Math.max(filesMax, readdirSync(folder).length)
    expect(filesMax).toBe(1)
    expect(readdirSync(folder)).toEqual([])
  })

  it('are deleted when its reader stops early', async () => {
    for await (const batch of sortRows(inBatches(list, 500), 'time', { memoryBytes: ON_DISK, folder })) {
      expect(batch[0]?.line).toBe(list.length)
      break
    }
    expect(readdirSync(folder)).toEqual([])
  })

  it('are deleted when the input fails', async () => {
    async function* failing(): AsyncGenerator<readonly SourceRow[]> {
      yield* inBatches(list, 500)
      throw new TypeError('broken')
    }
    const reading = async (): Promise<void> => {
      for await (const _batch of sortRows(failing(), 'time', { memoryBytes: ON_DISK, folder }));
    }
    await expect(reading()).rejects.toThrow('broken')
    expect(readdirSync(folder)).toEqual([])
  })

  it('make the sort fail with the name of the folder if they cannot be created', async () => {
    const reading = async (): Promise<void> => {
      for await (const _batch of sortRows(inBatches(list, 500), 'time', { memoryBytes: ON_DISK, folder: join(folder, 'none') }));
    }
    await expect(reading()).rejects.toMatchObject({ code: 'RONDO_DATA_UNREADABLE', message: expect.stringContaining(join(folder, 'none')) })
  })
})
