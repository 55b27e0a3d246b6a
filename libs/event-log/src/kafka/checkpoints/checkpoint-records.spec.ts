import { crc32 } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Message } from 'kafkajs'
import type { FetchedRecord } from '../client/kafka-client.ts'
import { pieceCountOf, type StoredValue, ValueAssembly, valueRecords } from './checkpoint-records.ts'

const batchContext = { producerId: '1', inTransaction: true, firstOffset: '0', lastOffsetDelta: 0 }
const fetched = ({ key, value, headers }: Message): FetchedRecord => ({
  offset: '0',
  timestamp: '0',
  key: Buffer.from(String(key)),
  value: value as Buffer | null,
  headers: (headers ?? {}) as FetchedRecord['headers'],
  isControlRecord: false,
  batchContext,
})
const assembled = (records: readonly FetchedRecord[]): ValueAssembly => {
  const assembly = new ValueAssembly()
  for (const record of records) assembly.add(record)
  return assembly
}
/** A checksum in place of the bytes: a comparison of megabytes byte by byte would take minutes. */
const withChecksum = ({ name, metadata, bytes }: StoredValue) => ({ name, metadata, length: bytes.length, sum: crc32(bytes) })
const valuesOf = (assembly: ValueAssembly) => [...assembly.drain()].map(withChecksum)

/** A value whose bytes are its metadata repeated, so that a mixture of two values is recognized. */
const value = (name: string, metadata: string, length: number): StoredValue => ({ name, metadata, bytes: new Uint8Array(length).fill(metadata.charCodeAt(0)) })
const sizes = fc.constantFrom(0, 1, 1000, 512 * 1024, 512 * 1024 + 1, 1_500_000)
const history = fc.array(fc.record({ bucket: fc.nat(3), length: sizes }), { minLength: 1, maxLength: 6 })

/** The records of values that are written one after the other, and the newest value of each bucket. */
function written(values: readonly { bucket: number; length: number }[]): { records: FetchedRecord[]; newest: StoredValue[] } {
  const records: FetchedRecord[] = []
  const newest = new Map<string, StoredValue>()
  for (const [i, { bucket, length }] of values.entries()) {
    const next = value(String(bucket), String.fromCharCode(97 + i), length)
    const before = newest.get(next.name)
    records.push(...valueRecords(next, before === undefined ? 0 : pieceCountOf(before)).map(fetched))
    newest.delete(next.name)
    newest.set(next.name, next)
  }
  return { records, newest: [...newest.values()] }
}
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

/** A state in which compaction may leave a topic: of each key the newest record, and any of the older ones. */
function compacted(records: readonly FetchedRecord[], keep: (i: number) => boolean): FetchedRecord[] {
  return records.filter((record, i) => keep(i) || !records.slice(i + 1).some(({ key }) => key?.equals(record.key ?? Buffer.of())))
}

describe('values in a compacted topic', () => {
  it('are read as they were last written, however far the topic has been compacted', () => {
    fc.assert(
      fc.property(history, fc.array(fc.boolean(), { maxLength: 30 }), (values, kept) => {
        const { records, newest } = written(values)
        const assembly = assembled(compacted(records, (i) => kept[i] ?? false))
        expect(valuesOf(assembly).sort(byName)).toEqual(newest.map(withChecksum).sort(byName))
        expect(assembly.damaged.size).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('fit into records that a broker accepts, and delete surplus records of the value before', () => {
    // 600 000 bytes are one piece of 512 KiB and the rest; the value before had four pieces.
    const records = valueRecords(value('7', 'a', 600_000), 4)
    expect(records.map(({ key, value: bytes }) => [key, (bytes as Buffer | null)?.length ?? null])).toEqual([
      ['7/0', 524_288],
      ['7/1', 75_712],
      ['7/2', null],
      ['7/3', null],
    ])
  })

  it('are skipped for the value before if a piece is missing, changed or from another value', () => {
    const old = valueRecords(value('0', 'a', 600_000), 0).map(fetched)
    const [first, second] = valueRecords(value('0', 'b', 600_000), 2).map(fetched) as [FetchedRecord, FetchedRecord]
    const flipped = { ...second, value: Buffer.from(second.value ?? '').fill(0, 5, 6) }
    const foreign = { ...second, headers: { ...second.headers, stamp: 'c' } }
    for (const damage of [[first], [second], [first, flipped], [first, foreign], [first, { ...second, value: null }]]) {
      const assembly = assembled([...old, ...damage])
      expect(valuesOf(assembly).map(({ metadata }) => metadata)).toEqual(['a'])
    }
    expect(assembled([...old, first, flipped]).damaged).toEqual(new Set(['0']))
  })

  it('are not read from records that another program wrote', () => {
    const strange = [null, Buffer.from('x'), Buffer.from('1/x')].map((key) => ({ ...fetched({ key: '', value: Buffer.of(1) }), key }))
    const withoutHeaders = fetched({ key: '3/0', value: Buffer.of(1) })
    expect(valuesOf(assembled([...strange, withoutHeaders]))).toEqual([])
  })
})
