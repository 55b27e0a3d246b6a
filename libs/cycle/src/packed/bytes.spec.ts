import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ByteReader, ByteWriter } from './bytes.ts'

/** A value that a test writes and reads. */
type Written = { kind: 'u8' | 'u32' | 'f64' | 'uint' | 'int' | 'text'; value: number | string }

const writtenArb = (kind: Written['kind'], values: fc.Arbitrary<number | string>): fc.Arbitrary<Written> => values.map((value) => ({ kind, value }))
const edges = [0, 1, 127, 128, 255, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 35 - 1, 2 ** 35, 2 ** 49, 2 ** 52, 2 ** 53 - 1]
const valueArb = fc.oneof(
  writtenArb('u8', fc.integer({ min: 0, max: 255 })),
  writtenArb('u32', fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1)),
  writtenArb('f64', fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(-0, Number.NEGATIVE_INFINITY, 0.1))),
  writtenArb('uint', fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat())),
  writtenArb('int', fc.oneof(fc.constantFrom(...edges.slice(0, -1), -1, -2, -64, -65, -(2 ** 31), -(2 ** 51)), fc.integer())),
  writtenArb(
    'text',
    fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      fc.constantFrom('', '\u{FEFF}bom', 'é'.repeat(300)),
    ),
  ),
)

const write = (writer: ByteWriter, { kind, value }: Written): void => {
  if (kind === 'text') writer.text(value as string)
  else writer[kind](value as number)
}

describe('packed values', () => {
  it('are read as they were written, also after the buffer has grown', () => {
    fc.assert(
      fc.property(fc.array(valueArb, { maxLength: 60 }), fc.nat(1100), (values, before) => {
        const [writer, reader] = [new ByteWriter(), new ByteReader()]
        writer.raw(new Uint8Array(before).fill(7), 0, before)
        for (const value of values) write(writer, value)
        reader.open(writer.bytes, writer.view, before)
        expect(values.map(({ kind }) => reader[kind]())).toEqual(values.map(({ value }) => value))
        expect(reader.at).toBe(writer.at)
        expect(writer.bytes.subarray(0, before).every((byte) => byte === 7)).toBe(true)
      }),
    )
  })

  it('need a byte for each seven bits of a whole number', () => {
    const lengthOf = (value: number): number => {
      const writer = new ByteWriter()
      writer.uint(value)
      return writer.at
    }
    expect([0, 127, 128, 16_383, 16_384, 2 ** 53 - 1].map(lengthOf)).toEqual([1, 1, 2, 2, 3, 8])
  })

  it('are complete at the end of the buffer', () => {
    for (let before = 1010; before <= 1030; before++) {
      const writer = new ByteWriter()
      writer.raw(new Uint8Array(before), 0, before)
      writer.f64(1.5)
      writer.u32(7)
      expect([writer.view.getFloat64(before, true), writer.view.getUint32(before + 8, true)]).toEqual([1.5, 7])
    }
  })

  it('are copied from the given range', () => {
    const writer = new ByteWriter()
    writer.u8(9)
    writer.raw(Uint8Array.of(1, 2, 3, 4, 5), 1, 3)
    expect([...writer.bytes.subarray(0, writer.at)]).toEqual([9, 2, 3, 4])
  })
})
