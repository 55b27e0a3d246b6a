import { describe, expect, it } from '@jest/globals'
import type { ActivityEvent } from '#contracts'
import { addressesOf } from './addresses-of.ts'
import { compileAddressing } from './addressing.ts'

const sender = { event: 'Play', actorType: 'user', actorId: 'ann' }

function addresseesAt(value: unknown, id: string | string[] = 'properties.to') {
  return compileAddressing({ actor: { type: 'musician', id } })?.read({ ...sender, properties: { to: value } })
}

describe('the actors that an event names', () => {
  it.each([
    ['m1', ['m1']],
    [7, ['7']],
    [
      ['m1', 'm2', 'm1', 7, '7'],
      ['m1', 'm2', '7'],
    ],
    [[null, 'm1', undefined], ['m1']],
    ['x'.repeat(256), ['x'.repeat(256)]],
    [[], []],
    [undefined, []],
    [null, []],
  ])('are the ids at the path: %j', (value, ids) => {
    expect(addresseesAt(value)).toEqual({ ids, invalid: [], surplus: undefined })
  })

  it.each([[''], [1.5], [2 ** 53], [true], [{ id: 'm1' }], ['é'.repeat(129)], ['\ud800']])('are not where a value is no id: %j', (value) => {
    expect(addresseesAt(value)).toEqual({ ids: [], invalid: [value], surplus: undefined })
    expect(addresseesAt(['m1', value])).toEqual({ ids: ['m1'], invalid: [value], surplus: undefined })
  })

  it('are not in lists inside the list', () => {
    expect(addresseesAt([['m1'], 'm2'])).toEqual({ ids: ['m2'], invalid: [['m1']], surplus: undefined })
  })

  it('are at most 1000: with more of them an event counts for none', () => {
    const ids = Array.from({ length: 1001 }, (_, n) => `m${n}`)
    expect(addresseesAt(ids.slice(1))).toMatchObject({ ids: ids.slice(1), surplus: undefined })
    expect(addresseesAt([...ids.slice(1), 'm1'])?.ids).toHaveLength(1000)
    expect(addresseesAt(ids)).toEqual({ ids: [], invalid: [], surplus: 1001 })
  })

  it('are at any of several paths, and include the sender only where the definition says so', () => {
    expect(addresseesAt('m1', ['properties.to', 'properties.to.0'])?.ids).toEqual(['m1'])
    const own = compileAddressing({ actor: { type: 'user', id: ['actor.id', 'properties.to'] } })
    expect(own?.read({ ...sender, properties: { to: 'bob' } }).ids).toEqual(['ann', 'bob'])
    expect(own?.read({ ...sender, actorType: 'visitor', properties: { to: 'bob' } }).ids).toEqual(['bob'])
  })

  it('do not exist in a definition that names a type only', () => {
    expect(compileAddressing({ actor: 'musician' })).toBeUndefined()
  })
})

describe('the addresses for several cycles', () => {
  const event: ActivityEvent = {
    ...{ id: 'e', type: 'track', event: 'Play', actor: { type: 'user', id: 'ann' }, time: '', receivedAt: '' },
    properties: { artist: 'm1', label: ['l1', 'm1'] },
  }
  const addressing = (id: string) => ({ addressing: compileAddressing({ actor: { type: 'x', id } }) })

  it('are those of all of them, each once', () => {
    expect(addressesOf([addressing('properties.label'), addressing('properties.artist')])?.(event)).toEqual(['l1', 'm1'])
  })

  it('are not needed if no cycle names actors', () => {
    expect(addressesOf([{ addressing: undefined }])).toBeUndefined()
  })
})
