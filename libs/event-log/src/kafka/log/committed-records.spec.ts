import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { FetchedRecord } from '../client/kafka-client.ts'
import { committedRecords } from './committed-records.ts'

/** One step of a producer; the log interleaves the steps of several producers. */
interface Step {
  readonly producer: number
  readonly kind: 'record' | 'commit' | 'abort'
}

const ABORT_KEY = Buffer.from([0, 0, 0, 0])
const COMMIT_KEY = Buffer.from([0, 0, 0, 1])

/** An aborted transaction, with the offset of its marker. */
interface Aborted {
  readonly producerId: string
  readonly firstOffset: string
  readonly marker: number
}

/** The messages of a log with these steps, its aborted transactions, and the offsets of its committed records. */
function logOf(steps: readonly Step[]): { messages: FetchedRecord[]; aborted: Aborted[]; committed: number[] } {
  const messages: FetchedRecord[] = []
  const aborted: Aborted[] = []
  const open = new Map<number, number[]>()
  const committed: number[] = []
  for (const [offset, { producer, kind }] of steps.entries()) {
    const offsets = open.get(producer) ?? []
    if (kind === 'record') open.set(producer, [...offsets, offset])
    else open.delete(producer)
    if (kind === 'commit') committed.push(...offsets)
    if (kind === 'abort' && offsets[0] !== undefined) aborted.push({ producerId: String(producer), firstOffset: String(offsets[0]), marker: offset })
    const isControlRecord = kind !== 'record'
    // A record of Rondo with the key of an abort marker is no marker.
    const key = kind === 'commit' ? COMMIT_KEY : ABORT_KEY
    const batchContext = { producerId: String(producer), inTransaction: true, firstOffset: String(offset), lastOffsetDelta: 0 }
    messages.push({ offset: String(offset), timestamp: '0', key, value: Buffer.of(), headers: {}, isControlRecord, batchContext })
  }
  return { messages, aborted, committed }
}

const anySteps = fc.array(fc.record({ producer: fc.nat(3), kind: fc.constantFrom('record', 'record', 'record', 'commit', 'abort') } as const), {
  maxLength: 60,
})

describe('committed records', () => {
  it('are those of committed transactions, with any number of interleaved producers, from any first offset', () => {
    fc.assert(
      fc.property(anySteps, fc.nat(60), fc.infiniteStream(fc.nat()), (steps, from, order) => {
        // At the end every producer aborts, so that no transaction is open.
        const ended = [...steps, ...[0, 1, 2, 3].map((producer): Step => ({ producer, kind: 'abort' }))]
        const { messages, aborted, committed } = logOf(ended)
        // A broker lists the transactions that overlap its answer (UnifiedLog.collectAbortedTransactions), in no order.
        const reaching = aborted.filter(({ marker }) => marker >= from).map((transaction) => ({ transaction, at: order.next().value ?? 0 }))
        const abortedTransactions = reaching.sort((a, b) => a.at - b.at).map(({ transaction }) => transaction)
        const partition = { lastStableOffset: '', highWatermark: '', abortedTransactions, messages: messages.slice(from) }
        const got = committedRecords(partition).map(({ offset }) => Number(offset))
        expect(got).toEqual(committed.filter((offset) => offset >= from).sort((a, b) => a - b))
      }),
    )
  })

  it('contain everything that was written without a transaction, also while one of the same producer is aborted', () => {
    const { messages, aborted } = logOf([
      { producer: 1, kind: 'record' },
      { producer: 1, kind: 'record' },
      { producer: 1, kind: 'abort' },
    ])
    const plain = messages.map((record, i) => (i === 1 ? { ...record, batchContext: { ...record.batchContext, inTransaction: false } } : record))
    const partition = { lastStableOffset: '', highWatermark: '', abortedTransactions: aborted, messages: plain }
    expect(committedRecords(partition).map(({ offset }) => offset)).toEqual(['1'])
  })
})
