import { describe, expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import type { LogRecord } from '#event-log'
import { SharedReading } from './log-reading.ts'

const LIMITS = { bytesMax: 1000, waitMs: 0 }
const lineOf = (n: number): string => JSON.stringify({ record: 'tick', writer: 'w', time: new Date(n).toISOString() })

/** A log of single ticks, whose last frames may be read by a limited number of records at a time. */
class Source {
  readonly offsets: number[] = []
  failure: RondoError | undefined
  isAway = false
  readonly #length: number
  readonly #atOnce: number

  constructor({ length, atOnce }: { length: number; atOnce: number }) {
    this.#length = length
    this.#atOnce = atOnce
  }

  async read(offset: number): Promise<readonly LogRecord[]> {
    this.offsets.push(offset)
    await Promise.resolve()
    if (this.failure !== undefined) throw this.failure
    if (this.isAway) return []
    const end = Math.min(this.#length, offset + this.#atOnce)
    return Array.from({ length: Math.max(0, end - offset) }, (_, at) => ({ offset: offset + at, frame: lineOf(offset + at) }))
  }
}

const offsetsOf = (records: readonly LogRecord[]): number[] => records.map(({ offset }) => offset)

describe('a reading that several runs share', () => {
  it('reads and decodes a frame once for all of them, and forgets the frame when all have it', async () => {
    const [first, second] = [new Source({ length: 4, atOnce: 2 }), new Source({ length: 4, atOnce: 2 })]
    const reading = new SharedReading()
    const [a, b] = [reading.join(first), reading.join(second)]
    const [record] = (await a.read(0, LIMITS)) as [LogRecord]
    const entries = a.decode(record)
    expect(await b.read(0, LIMITS)).toEqual([record, expect.objectContaining({ offset: 1 })])
    expect(b.decode(record)).toBe(entries)
    expect([first.offsets, second.offsets]).toEqual([[0], []])
    // Both runs have it: a third one, which begins again, reads for itself.
    const c = reading.join(new Source({ length: 4, atOnce: 4 }))
    const [again] = (await c.read(0, LIMITS)) as [LogRecord]
    expect(c.decode(again)).not.toBe(entries)
  })

  it('gives a run that asks from the middle of a kept part the rest of it, up to its limit', async () => {
    const reading = new SharedReading()
    const [a, b] = [reading.join(new Source({ length: 9, atOnce: 6 })), reading.join(new Source({ length: 9, atOnce: 6 }))]
    await a.read(0, LIMITS)
    expect(offsetsOf(await b.read(2, { bytesMax: 2 * lineOf(0).length, waitMs: 0 }))).toEqual([2, 3])
    expect(offsetsOf(await b.read(4, LIMITS))).toEqual([4, 5])
    expect(offsetsOf(await b.read(6, { bytesMax: 1, waitMs: 0 }))).toEqual([6])
  })

  it('joins reads of one offset that run at the same time', async () => {
    const [first, second] = [new Source({ length: 2, atOnce: 2 }), new Source({ length: 2, atOnce: 2 })]
    const reading = new SharedReading()
    const [a, b] = [reading.join(first), reading.join(second)]
    const [got, other] = await Promise.all([a.read(0, LIMITS), b.read(0, LIMITS)])
    expect([got[0] === other[0], first.offsets, second.offsets]).toEqual([true, [0], []])
  })

  it.each([
    ['fails', (source: Source) => (source.failure = new RondoError('RONDO_LOG_UNAVAILABLE', 'away'))],
    ['gives nothing, since its partition was lost', (source: Source) => (source.isAway = true)],
  ])('reads for itself if the read of another run %s', async (_, breakSource) => {
    const [first, second] = [new Source({ length: 2, atOnce: 2 }), new Source({ length: 2, atOnce: 2 })]
    breakSource(first)
    const reading = new SharedReading()
    const [a, b] = [reading.join(first), reading.join(second)]
    const [failed, got] = await Promise.allSettled([a.read(0, LIMITS), b.read(0, LIMITS)])
    expect(got).toMatchObject({ status: 'fulfilled', value: [{ offset: 0 }, { offset: 1 }] })
    expect([failed.status === 'rejected', second.offsets]).toEqual([first.failure !== undefined, [0]])
  })

  it('keeps no more than its limit for a run that is far behind, which reads for itself until it has come to the others', async () => {
    const size = lineOf(0).length
    const [front, behind] = [new Source({ length: 100, atOnce: 1 }), new Source({ length: 100, atOnce: 10 })]
    const reading = new SharedReading({ keptMax: 20 * size })
    const [a, b] = [reading.join(front), reading.join(behind)]
    for (let offset = 0; offset < 100; offset++) await a.read(offset, LIMITS)
    for (let offset = 0; offset < 100; ) offset = (offsetsOf(await b.read(offset, { bytesMax: 10 * size, waitMs: 0 })).at(-1) as number) + 1
    expect(behind.offsets).toEqual([0, 10, 20, 30, 40, 50, 60, 70])
  })

  it('gives the other work of its thread time between two reads', async () => {
    const reading = new SharedReading()
    const a = reading.join(new Source({ length: 50, atOnce: 1 }))
    reading.join(new Source({ length: 50, atOnce: 1 }))
    let turns = 0
    const count = (): void => {
      turns += 1
      if (turns < 50) setImmediate(count)
    }
    setImmediate(count)
    for (let offset = 0; offset < 50; offset++) await a.read(offset, LIMITS)
    expect(turns).toBeGreaterThan(40)
  })
})

it('a single run keeps nothing', async () => {
  const source = new Source({ length: 2, atOnce: 1 })
  const reading = new SharedReading()
  const left = reading.join(new Source({ length: 2, atOnce: 1 }))
  left.leave()
  const a = reading.join(source)
  const [record] = (await a.read(0, LIMITS)) as [LogRecord]
  expect(a.decode(record)).not.toBe(a.decode(record))
  await a.read(0, LIMITS)
  expect(source.offsets).toEqual([0, 0])
})
