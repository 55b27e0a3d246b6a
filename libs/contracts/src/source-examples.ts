import type { Examples } from './example.ts'

const orders = {
  name: 'orders',
  topic: 'shop.orders',
  format: 'json',
  map: {
    id: 'order.number',
    event: { text: 'Order Completed' },
    actor: ['customer.id', '$key'],
    actorType: { text: 'customer' },
    time: '/placed~1at',
    properties: 'order',
  },
  timeFormat: 'DD/MM/YYYY HH:mm',
  timezone: 'Europe/Berlin',
  start: 'end',
  retired: false,
}
const web = { name: 'web', topic: 'segment.calls', format: 'segment', idScope: 'global' }
const billing = { name: 'billing', topic: 'billing', format: 'cloudevents', map: { id: { join: ['source', '$headers.ce_id'] }, actor: 'data.customerId' } }

/** Examples of lists of sources, good and bad, for test/contracts.spec.ts. */
export const sourceListExamples: Examples = {
  good: [{ sources: [orders] }, { sources: [{ name: 'own', topic: 'rondo-events' }, web, billing] }],
  bad: [
    [{ sources: [] }, 'sources'],
    [{ sources: [{ ...web, topic: 'a topic' }] }, 'sources.0.topic'],
    [{ sources: [{ ...web, topics: ['a'] }] }, 'sources.0'],
    [{ sources: [{ ...web, format: 'avro' }] }, 'sources.0.format'],
    [{ sources: [{ ...web, idScope: 'topic' }] }, 'sources.0.idScope'],
    [{ sources: [{ ...web, map: { event: 'name' } }] }, 'sources.0.map'],
    [{ sources: [web, { ...web, name: 'again' }] }, 'sources.1.topic'],
    [{ sources: [web, { ...billing, name: 'web' }] }, 'sources.1.name'],
    [{ sources: [{ ...orders, map: { actor: 'customer..id' } }] }, 'sources.0.map.actor'],
    [{ sources: [{ ...orders, map: { actor: '$offset' } }] }, 'sources.0.map.actor'],
    [{ sources: [{ ...orders, map: { actor: { join: ['a'] } } }] }, 'sources.0.map.actor.join'],
  ],
}

/** Examples of mappings, good and bad, for test/contracts.spec.ts. */
export const sourceMappingExamples: Examples = {
  good: [orders.map, billing.map, {}],
  bad: [
    [{ acto: 'id' }, ''],
    [{ actor: 'customer..id' }, 'actor'],
    [{ time: [] }, 'time'],
    [{ event: { text: '' } }, 'event.text'],
  ],
}
