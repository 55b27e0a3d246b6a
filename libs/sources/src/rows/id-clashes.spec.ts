import { describe, expect, it } from '@jest/globals'
import { IdClashes } from './id-clashes.ts'

const HOUR = 3_600_000
const at = (time: number, arrival = time) => ({ times: { time, arrival } })
const first = { id: '1', event: 'A', actorId: 'u', properties: { n: 1, m: { x: [1] } } }

describe('an id of an earlier event', () => {
  it.each([
    ['the same', {}, undefined],
    ['the same, with its properties in another order', { properties: { m: { x: [1] }, n: 1 } }, undefined],
    ['another name', { event: 'B' }, 'same-actor'],
    ['another value', { properties: { n: 2, m: { x: [1] } } }, 'same-actor'],
    ['another value below', { properties: { n: 1, m: { x: [2] } } }, 'same-actor'],
    ['text in place of a number', { properties: { n: '1', m: { x: [1] } } }, 'same-actor'],
    ['one property less', { properties: { n: 1 } }, 'same-actor'],
    ['traits', { traits: { n: 1 } }, 'same-actor'],
    ['another actor', { actorId: 'v' }, 'other-actor'],
    ['another id', { id: '2' }, undefined],
  ] as const)('with %s', (_, change, clash) => {
    const ids = new IdClashes()
    expect(ids.saw(first)).toBeUndefined()
    expect(ids.saw({ ...first, ...change })).toBe(clash)
    expect(ids.saw(first)).toBeUndefined()
    expect(ids.counts).toEqual({ dropped: clash === 'same-actor' ? 1 : 0, applied: clash === 'other-actor' ? 1 : 0 })
  })

  it('with another time is another event, if times are those of the events', () => {
    const ids = new IdClashes(24 * HOUR)
    expect(ids.saw({ ...first, ...at(0) })).toBeUndefined()
    expect(ids.saw({ ...first, ...at(0, HOUR) })).toBeUndefined()
    expect(ids.saw({ ...first, ...at(1) })).toBe('same-actor')
  })

  it('that was forgotten is a new one, with copies of its own', () => {
    const ids = new IdClashes(24 * HOUR)
    ids.saw({ ...first, ...at(0) })
    expect(ids.saw({ ...first, event: 'B', ...at(24 * HOUR) })).toBe('same-actor')
    expect(ids.saw({ ...first, event: 'B', ...at(24 * HOUR + 1) })).toBeUndefined()
    expect(ids.saw({ ...first, event: 'B', ...at(24 * HOUR + 1, 24 * HOUR + 2) })).toBeUndefined()
    expect(ids.saw({ ...first, ...at(24 * HOUR + 2) })).toBe('same-actor')
  })

  it('of another actor is counted once for each actor, and copies of that one are not counted', () => {
    const ids = new IdClashes()
    const seen = ['u', 'v', 'v', 'w', 'u', 'w'].map((actorId) => ids.saw({ ...first, actorId }))
    expect(seen).toEqual([undefined, 'other-actor', undefined, 'other-actor', undefined, undefined])
  })

  it('is remembered among any number of others if it comes again and again', () => {
    const ids = new IdClashes()
    for (let n = 0; n < 400_000; n++) ids.saw({ id: n % 1000 === 0 ? 'same' : `${n}`, event: n % 1000 === 0 ? `${n}` : 'A', actorId: 'u' })
    expect(ids.counts.dropped).toBe(399)
  })
})
