import { describe, expect, it } from '@jest/globals'
import { compilePath, isEventPath } from './event-path.ts'

const event = {
  event: 'Order Completed',
  properties: { total: 5, items: [{ sku: 'x' }, 'second', ['deep']], '0': 'zero', nested: { deep: { er: true } }, none: null },
  traits: { plan: 'gold' },
  context: { locale: 'de' },
}

describe('a path', () => {
  it.each([
    ['event', 'Order Completed'],
    ['properties.total', 5],
    ['traits.plan', 'gold'],
    ['context.locale', 'de'],
    ['properties.items.0.sku', 'x'],
    ['properties.items.1', 'second'],
    ['properties.items.2.0', 'deep'],
    ['properties.0', 'zero'],
    ['properties.nested.deep.er', true],
    ['properties.none', null],
    ['properties.none.deeper', undefined],
    ['properties.total.deeper', undefined],
    ['properties.missing', undefined],
    ['properties.missing.deeper.deepest', undefined],
    ['properties.items.length', undefined],
    ['properties.items.01', undefined],
    ['properties.items.-1', undefined],
    ['properties.items.9', undefined],
    ['properties.items.1.0', undefined],
    ['properties.toString', undefined],
    ['properties.nested.constructor', undefined],
    ['properties.__proto__', undefined],
  ])('%s reads %p', (path, value) => {
    expect(compilePath(path)(event)).toBe(value)
  })

  it('is undefined if the event has no such part', () => {
    expect(compilePath('traits.plan')({ event: 'x' })).toBeUndefined()
    expect(compilePath('context.a.b')({ event: 'x' })).toBeUndefined()
  })

  it.each(['event', 'properties.a', 'traits.a.b', 'context.0', 'properties.with space'])('is valid: %s', (text) => {
    expect(isEventPath(text)).toBe(true)
  })

  it.each(['properties', 'properties.', 'properties..a', 'properties.a.', 'xproperties.a', 'events', 'orders', 'event.a', ''])('is not valid: %s', (text) => {
    expect(isEventPath(text)).toBe(false)
  })
})
