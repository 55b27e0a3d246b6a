import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addressedId, originOf } from './addressed-id.ts'

const part = fc.string({ unit: fc.constantFrom('a', '/', '%', '2', 'F', '5', 'é'), minLength: 1, maxLength: 12 })
const origin = fc.record({ id: part, actor: fc.record({ type: part, id: part }) })

describe('the id of an event in the history of an actor that it names', () => {
  it('is its id with its sender', () => {
    expect(addressedId({ id: 'e1', actor: { type: 'user', id: 'ann' } })).toBe('e1/user/ann')
    expect(addressedId({ id: 'a/b', actor: { type: 'user', id: '50%' } })).toBe('a%2Fb/user/50%25')
  })

  it('gives back the event and its sender', () => {
    fc.assert(fc.property(origin, (event) => expect(originOf(addressedId(event))).toEqual(event)))
  })

  it('is different for different events, and has at most 256 bytes', () => {
    const ofLength = (length: number, last: string) => addressedId({ id: 'x'.repeat(length) + last, actor: { type: 'user', id: 'é'.repeat(100) } })
    expect(new Set([240, 250].flatMap((length) => [ofLength(length, 'a'), ofLength(length, 'b')])).size).toBe(4)
    expect(ofLength(250, 'a')).toMatch(/^h[A-Za-z0-9_-]{43}$/)
    expect(originOf(ofLength(250, 'a'))).toBeUndefined()
    const exactly = addressedId({ id: 'x'.repeat(256 - '/user/ann'.length), actor: { type: 'user', id: 'ann' } })
    expect([exactly.length, originOf(exactly)?.actor.id]).toEqual([256, 'ann'])
  })
})
