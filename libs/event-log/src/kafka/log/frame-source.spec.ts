import { describe, expect, it } from '@jest/globals'
import type { FetchedRecord } from '../client/kafka-client.ts'
import { SharedFrames } from './frame-source.ts'
import type { FetchLimits, PartitionLog } from './partition-log.ts'

const LIMITS: FetchLimits = { bytesMax: 1000, waitMs: 0 }
/** The number of records that a broker gives at once. */
const AT_ONCE = 10

/** A log with this many records; it notes from which offsets it was read. */
function logOf(end: number) {
  const requests: number[] = []
  const fetchWithRetry = async (from: number) => {
    requests.push(from)
    const next = Math.min(end, from + AT_ONCE)
    const records = Array.from({ length: next - from }, (_, i) => ({
      offset: String(from + i),
      timestamp: '0',
      headers: {},
      value: Buffer.from(`frame ${from + i}`),
    }))
    return { records: records as unknown as FetchedRecord[], next, stable: end, end }
  }
  const log = { topic: 'activity', partition: 0, fetchWithRetry } as unknown as PartitionLog
  return { requests, frames: new SharedFrames(log, new AbortController().signal) }
}

describe('the frames that several cycles read', () => {
  it('are fetched once for all that wait at one offset, and are the same records', async () => {
    const { requests, frames } = logOf(30)
    const [one, other] = [frames.source(), frames.source()]
    const [first, second] = await Promise.all([one.fetch(0, LIMITS), other.fetch(0, LIMITS)])
    expect(first?.records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(second?.records[3]).toBe(first?.records[3])
    expect(requests).toEqual([0])
  })

  it('are fetched by a cycle alone while it is far behind', async () => {
    const { requests, frames } = logOf(40)
    const [one, other] = [frames.source(), frames.source()]
    for (const from of [0, 10, 20, 30]) await one.fetch(from, LIMITS)
    const nexts = []
    for (const from of [0, 10, 20, 30]) nexts.push((await other.fetch(from, LIMITS))?.next)
    expect(nexts).toEqual([10, 20, 30, 40])
    // At 30 it has come to where the first one is.
    expect(requests).toEqual([0, 10, 20, 30, 0, 10, 20])
  })

  it('are given from the offset on at which a cycle continues', async () => {
    const { requests, frames } = logOf(30)
    await frames.source().fetch(0, LIMITS)
    const second = await frames.source().fetch(7, LIMITS)
    expect([second?.records.map(({ offset }) => offset), second?.next, second?.stable]).toEqual([[7, 8, 9], 10, 30])
    expect(requests).toEqual([0])
  })

  it('that one cycle has fetched ahead are not fetched again by another', async () => {
    const { requests, frames } = logOf(30)
    const [one, other] = [frames.source(), frames.source()]
    await Promise.all([one.fetch(0, LIMITS), other.fetch(0, LIMITS)])
    await one.fetch(10, LIMITS)
    expect((await other.fetch(10, LIMITS))?.records[0]?.frame).toBe('frame 10')
    expect(requests).toEqual([0, 10])
  })

  it('are not kept for a cycle that has ended', async () => {
    const { requests, frames } = logOf(30)
    const [one, other] = [frames.source(), frames.source()]
    await one.fetch(0, LIMITS)
    one.release()
    await other.fetch(0, LIMITS)
    expect(requests).toEqual([0, 0])
  })
})
