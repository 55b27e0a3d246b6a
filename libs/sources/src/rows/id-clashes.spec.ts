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
    expect(ids.add(first)).toBeUndefined()
    expect(ids.add({ ...first, ...change })).toBe(clash)
    expect(ids.add(first)).toBeUndefined()
    expect(ids.counts).toEqual({ dropped: clash === 'same-actor' ? 1 : 0, applied: clash === 'other-actor' ? 1 : 0 })
  })

  it('is a clash with another time if times are compared; it is no clash with another arrival alone', () => {
    const ids = new IdClashes(24 * HOUR)
    expect(ids.add({ ...first, ...at(0) })).toBeUndefined()
    expect(ids.add({ ...first, ...at(0, HOUR) })).toBeUndefined()
    expect(ids.add({ ...first, ...at(1) })).toBe('same-actor')
  })

  it('counts as new after it was forgotten, and later events are compared with the new one', () => {
    const ids = new IdClashes(24 * HOUR)
    ids.add({ ...first, ...at(0) })
    expect(ids.add({ ...first, event: 'B', ...at(24 * HOUR) })).toBe('same-actor')
    expect(ids.add({ ...first, event: 'B', ...at(24 * HOUR + 1) })).toBeUndefined()
    expect(ids.add({ ...first, event: 'B', ...at(24 * HOUR + 1, 24 * HOUR + 2) })).toBeUndefined()
    expect(ids.add({ ...first, ...at(24 * HOUR + 2) })).toBe('same-actor')
  })

  it('is counted once for each other actor that uses it; repeats of those events are not counted', () => {
    const ids = new IdClashes()
    const seen = ['u', 'v', 'v', 'w', 'u', 'w'].map((actorId) => ids.add({ ...first, actorId }))
    expect(seen).toEqual([undefined, 'other-actor', undefined, 'other-actor', undefined, undefined])
  })

  it('is remembered among many other ids as long as it is used again and again', () => {
    const EVENTS = 400_000
    const EVENTS_PER_REPEAT = 1000
    const ids = new IdClashes()
    for (let n = 0; n < EVENTS; n++) {
      const isRepeat = n % EVENTS_PER_REPEAT === 0
      ids.add({ id: isRepeat ? 'same' : `${n}`, event: isRepeat ? `${n}` : 'A', actorId: 'u' })
    }
    // The first use of the id is no clash.
    expect(ids.counts.dropped).toBe(EVENTS / EVENTS_PER_REPEAT - 1)
  })
})
