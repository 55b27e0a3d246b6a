import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ActorTable } from './actor-table.ts'
import { Arena } from './arena.ts'
import { DueQueue } from './due-queue.ts'
import { compareUtf8, PACKED_ID_MAX, packedLength, packId, unpackId } from './id-bytes.ts'

const wellFormed = fc.oneof(
  fc.uuid(),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.string({ minLength: 1, maxLength: 250 }),
  fc.constantFrom('\u{1F600}', '\uE000', '\uFFFD', 'x'.repeat(255), 'y'.repeat(256), '\uD7FF'),
)

describe('a packed id', () => {
  it('unpacks to the same id', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const bytes = new Uint8Array(PACKED_ID_MAX + 3)
        const length = packId(text, bytes, 3)
        expect(packedLength(bytes, 3)).toBe(length)
        expect(unpackId(bytes, 3)).toBe(text)
      }),
    )
  })

  it('has an order that compareUtf8 gives, by UTF-8 bytes', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (a, b) => {
        const expected = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(Math.sign(compareUtf8(a, b))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the actor table', () => {
  it('agrees with a Map, and each slot is in exactly one bucket', () => {
    fc.assert(
      fc.property(fc.array(wellFormed, { maxLength: 2000 }), fc.integer(), (ids, seed) => {
        const table = new ActorTable(seed)
        const model = new Map<string, number>()
        for (const id of ids) {
          expect(table.find(id)).toBe(model.get(id) ?? -1)
          if (!model.has(id)) model.set(id, model.size)
          expect(table.findOrAdd(id)).toBe(model.get(id))
        }
        for (const [id, slot] of model) expect(table.id(slot)).toBe(id)
        for (const [id, slot] of model) {
          const order = compareUtf8(id, ids[0] as string)
          expect(Math.sign(table.compare(slot, 0))).toBe(Math.sign(order))
          expect(table.rank(slot) === table.rank(0) || table.rank(slot) < table.rank(0) === order < 0).toBe(true)
        }
        const slots = Array.from({ length: 256 }, (_, bucket) => [...table.bucket(bucket)]).flat()
        expect(slots.sort((a, b) => a - b)).toEqual([...model.values()])
      }),
      { numRuns: 30 },
    )
  })
})

describe('the due queue', () => {
  it('gives slots in the order of (key, tie) after any moves and removals', () => {
    const change = fc.tuple(fc.nat(40), fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(Number.POSITIVE_INFINITY)))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
        // Four slots share a rank.
        const queue = new DueQueue({ compare: (a, b) => b - a, rank: (slot) => 1000 - (slot >> 2) })
        const model = new Map<number, number>()
        for (const [slot, key] of changes) {
          queue.set(slot, key)
          if (key === Number.POSITIVE_INFINITY) model.delete(slot)
          else model.set(slot, key)
          expect(queue.keyOf(slot)).toBe(key)
        }
        const order: number[] = []
        while (queue.size > 0) {
          order.push(queue.slot)
          queue.set(queue.slot, Number.POSITIVE_INFINITY)
        }
        expect(order).toEqual([...model].sort((a, b) => a[1] - b[1] || b[0] - a[0]).map(([slot]) => slot))
      }),
    )
  })
})

describe('the arena', () => {
  it('never overlaps blocks, after any allocations and frees', () => {
    // Blocks that share a chunk of the arena, and some that are larger than what chunks are shared for.
    const length = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 700_000 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(length, fc.nat()), { maxLength: 150 }), (steps) => {
        const arena = new Arena()
        const blocks: { pointer: number; length: number; fill: number }[] = []
        const bytesOf = (pointer: number, size: number): Uint8Array =>
          (arena.bytes[arena.chunk(pointer)] as Uint8Array).subarray(arena.offset(pointer), arena.offset(pointer) + size)
        for (const [size, choice] of steps) {
          if (choice % 3 === 0 && blocks.length > 0) {
            const [block] = blocks.splice(choice % blocks.length, 1)
            if (block !== undefined) arena.free(block.pointer, block.length)
            continue
          }
          const pointer = arena.allocate(size)
          expect(pointer).toBeGreaterThan(0)
          blocks.push({ pointer, length: size, fill: choice & 255 })
          expect(bytesOf(pointer, size)).toHaveLength(size)
          bytesOf(pointer, size).fill(choice & 255)
        }
        for (const { pointer, length: size, fill } of blocks) expect(bytesOf(pointer, size).every((byte) => byte === fill)).toBe(true)
        for (const { pointer, length: size } of blocks) arena.free(pointer, size)
        expect(arena.used).toBe(0)
      }),
      { numRuns: 40 },
    )
  })

  it('releases chunks by compaction when blocks have grown, without changing the blocks', () => {
    const arena = new Arena()
    const blocks = Array.from({ length: 60_000 }, (_, n) => ({ pointer: 0, length: 0, fill: n & 255 }))
    const bytesOf = ({ pointer, length }: { pointer: number; length: number }): Uint8Array =>
      (arena.bytes[arena.chunk(pointer)] as Uint8Array).subarray(arena.offset(pointer), arena.offset(pointer) + length)
    const put = (block: (typeof blocks)[number], length: number): void => {
      if (block.pointer !== 0) arena.free(block.pointer, block.length)
      Object.assign(block, { pointer: arena.allocate(length), length })
      bytesOf(block).fill(block.fill)
    }
    const large = { pointer: 0, length: 0, fill: 7 }
    put(large, 700_000)
    const compact = (): void => {
      for (const block of blocks.filter(({ pointer }) => arena.isCompacting(pointer))) {
        const bytes = bytesOf(block)
        block.pointer = arena.allocate(block.length)
        bytesOf(block).set(bytes)
      }
      arena.endCompaction()
    }
    // Every block grows step by step, as the state of an actor does; compaction has a chance twelve times in each step.
    for (let length = 40; length <= 400; length += 24) {
      for (const [n, block] of blocks.entries()) {
        put(block, length)
        if (n % 5000 === 0 && arena.beginCompaction()) compact()
      }
    }
    for (const block of [large, ...blocks]) expect(bytesOf(block).every((byte) => byte === block.fill)).toBe(true)
    expect(arena.size / arena.used).toBeLessThan(1.4)
    for (const { pointer, length } of [large, ...blocks]) arena.free(pointer, length)
    expect(arena.used).toBe(0)
  })
})
