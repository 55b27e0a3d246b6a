import { describe, expect, it } from '@jest/globals'
import { type SourceDefinition, sourceListSchema } from '#contracts'
import { identityDefect } from './source-identity.ts'

const source = (more: object): SourceDefinition =>
  sourceListSchema.parse({ sources: [{ name: 'orders', topic: 'shop.orders', ...more }] }).sources[0] as SourceDefinition
const map = { id: 'n', event: 'what', actor: 'who', time: 'at' }

describe('a source that is read', () => {
  it.each([
    ['another path of the id', { map: { ...map, id: 'number' } }, 'map.id'],
    ['ids of places', { map: { event: 'what', actor: 'who', time: 'at' } }, 'map.id'],
    ['ids that count everywhere', { map, idScope: 'global' }, 'idScope'],
    ['other actors, to whom the same ids are new', { map: { ...map, actor: ['whom', 'who'], actorType: { text: 'account' } } }, 'map.actor and map.actorType'],
    ['a format with ids of its own', { map, format: 'cloudevents' }, 'format'],
  ])('cannot have %s at a reload', (_, next, keys) => {
    expect(identityDefect(source({ map }), source(next))).toMatch(`source orders: ${keys} cannot change at a reload`)
  })

  it.each([
    ['other names, times and properties', { map: { ...map, event: 'name', time: 'when', properties: 'all' }, timeFormat: 'iso' }],
    ['another start', { map, start: 'end' }],
    ['what it had by default', { map: { ...map, actor: 'who' }, format: 'json', idScope: 'source' }],
  ])('can have %s: an event that is read again is a copy', (_, next) => {
    expect(identityDefect(source({ map }), source(next))).toBe(undefined)
  })
})
