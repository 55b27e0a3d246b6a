/** A cycle in which something happens within seconds: returns, silences, warnings, and a measure that makes states larger. */
export const PULSE = `
cycle: pulse
version: 1
actor: user
grace: 2h
journal: 64
stages:
  - { id: here, kind: active, absence: 1500ms, warning: 0.5 }
  - { id: busy, kind: active, absence: 2s }
  - { id: away, kind: lapsed }
  - { id: back, kind: returned, absence: 1s }
signals:
  visit: { event: [Visit, Order] }
  order: { event: Order, where: { properties.n: { gte: 0 } } }
measures:
  orders: { count: order, within: 1h }
  amount: { sum: order, of: properties.n }
  kinds: { distinct: visit, by: properties.n }
transitions:
  - { id: first, from: start, to: here, trigger: any }
  - { id: more, from: [here, back], to: busy, trigger: order, when: { orders: { gte: 3 } } }
  - { id: gone, from: [here, busy, back], to: away, trigger: absence }
  - { id: again, from: away, to: back, trigger: any }
`
