import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { identityOf } from '../client/fold-identity.ts'
import { type CommittedPosition, decodePosition, encodePosition, foldTimesOf, positionText } from './committed-position.ts'

// Ids of the largest size that the schema allows, of the characters that need most room in JSON.
const id = fc.string({ unit: fc.constantFrom('\u0001', '"', 'a', '\u00e9'), minLength: 1, maxLength: 128 })
const cursor = fc.option(fc.record({ deadline: fc.integer(), actor: fc.record({ type: id, id }) }))
const position = fc.record({ offset: fc.nat({ max: Number.MAX_SAFE_INTEGER }), index: fc.nat(), cursor })
const logTime = fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.integer())
const dueAt = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer())
const identity = identityOf({ cycle: 'listener' })

describe('the committed position', () => {
  it('is read as it was written, within the size that a broker keeps beside an offset', () => {
    fc.assert(
      fc.property(position, logTime, dueAt, fc.string({ unit: 'binary', maxLength: 6000 }), (at, time, due, partitionMetadata) => {
        const { offset, metadata, holdsPartitionMetadata } = encodePosition({ position: at, logTime: time, dueAt: due, partitionMetadata }, identity)
        expect(Buffer.byteLength(metadata)).toBeLessThan(4096)
        const committed: CommittedPosition = {
          position: at,
          logTime: time,
          dueAt: due,
          partitionMetadata: holdsPartitionMetadata ? partitionMetadata : undefined,
        }
        expect(decodePosition({ offset, metadata }, identity, 'here')).toEqual(committed)
        expect(foldTimesOf(metadata)).toEqual({ logTime: time, dueAt: due })
      }),
    )
  })

  it('contains partition metadata of up to about 4000 bytes, and no larger metadata', () => {
    const holds = (length: number) =>
      encodePosition({ position: { offset: 1, index: 2, cursor: null }, logTime: 0, dueAt: 0, partitionMetadata: 'x'.repeat(length) }, identity)
        .holdsPartitionMetadata
    expect([holds(3500), holds(4500)]).toEqual([true, false])
  })

  it('of an older release has an unknown due time, and unknown fields of a newer release are ignored', () => {
    const older = { identity, index: 2, cursor: null, logTime: 5, summary: '{}' }
    expect(foldTimesOf(JSON.stringify(older))).toEqual({ logTime: 5, dueAt: Number.NEGATIVE_INFINITY })
    expect(decodePosition({ offset: '1', metadata: JSON.stringify({ ...older, more: 1 }) }, identity, 'here')).toMatchObject({ logTime: 5 })
    expect([foldTimesOf(null), foldTimesOf(''), foldTimesOf('{}')]).toEqual([undefined, undefined, undefined])
  })

  it('is undefined if the broker has none', () => {
    expect(decodePosition({ offset: '-1', metadata: '' }, identity, 'here')).toBeUndefined()
  })

  it('is refused if a tool has set the offset', () => {
    for (const metadata of ['', null, '{}', 'reset', '{"identity":"x","index":-1,"cursor":null,"logTime":0}']) {
      expect(() => decodePosition({ offset: '5', metadata }, identity, 'here')).toThrow(expect.objectContaining({ code: 'RONDO_LOG_INCOMPLETE' }))
    }
  })

  it('is refused for another definition', () => {
    const { offset, metadata } = encodePosition({ position: { offset: 1, index: 2, cursor: null }, logTime: 0, dueAt: 0, partitionMetadata: '{}' }, identity)
    const other = identityOf({ cycle: 'musician' })
    expect(() => decodePosition({ offset, metadata }, other, 'here')).toThrow(expect.objectContaining({ code: 'RONDO_DATA_MISMATCH' }))
  })

  it('is equal for any order of keys', () => {
    expect(positionText({ cursor: { actor: { id: 'b', type: 'a' }, deadline: 1 }, index: 2, offset: 3 })).toBe(
      positionText({ offset: 3, index: 2, cursor: { deadline: 1, actor: { type: 'a', id: 'b' } } }),
    )
    expect(identityOf({ a: '1', b: '2' })).toBe(identityOf({ b: '2', a: '1' }))
  })
})
