import { createRequire } from 'node:module'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { murmur2, partitionOf } from './actor-partition.ts'

const kafkaMurmur2 = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2') as (key: Buffer) => number

describe('the partition of an actor', () => {
  it('is the one that Kafka chooses for a record with its id as key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const key = Buffer.from(bytes)
        expect(murmur2(key)).toBe(kafkaMurmur2(key))
      }),
    )
  })

  it('is below the number of partitions, and all partitions are used', () => {
    const found = new Set(Array.from({ length: 200 }, (_, i) => partitionOf(`ä-user-${i}`, 7)))
    expect([...found].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
