import { describe, expect, it } from '@jest/globals'
import { Refusal } from '../rows/refusal.ts'
import { toActivityEvent } from '../rows/source-row.ts'
import { type LineMapping, lineMapper } from './map-line.ts'

const order = { nr: 4711, user: { id: 17 }, placed: '2026-03-01 13:00', kind: 'Order Completed', seen: 1772370000, order: { total: 59.9 } }
const map: LineMapping = { id: 'nr', event: 'kind', actor: 'user.id', time: 'placed', recorded: 'seen', properties: 'order' }
const setting = { newId: () => 'made', asRecorded: false }
const rowOf = (line: unknown, more: Partial<LineMapping> = {}, { asRecorded = false } = {}) =>
  lineMapper({ ...map, ...more }, 'customer')(line, 7, { ...setting, asRecorded })
const eventOf = (...given: Parameters<typeof rowOf>) => {
  const row = rowOf(...given)
  return row instanceof Refusal ? row : toActivityEvent(row)
}

describe('a line of another system', () => {
  it('becomes the event that the mapping describes', () => {
    expect(eventOf(order)).toEqual({
      id: '4711',
      type: 'track',
      event: 'Order Completed',
      actor: { type: 'customer', id: '17' },
      time: '2026-03-01T13:00:00.000Z',
      receivedAt: '2026-03-01T13:00:00.000Z',
      properties: { total: 59.9 },
    })
    expect(eventOf(order, { timezone: 'Europe/Berlin' }, { asRecorded: true })).toMatchObject({
      time: '2026-03-01T12:00:00.000Z',
      receivedAt: '2026-03-01T13:00:00.000Z',
    })
    expect(eventOf({ ...order, placed: '01/03/2026' }, { timeFormat: 'DD/MM/YYYY' })).toMatchObject({ time: '2026-03-01T00:00:00.000Z' })
    expect(eventOf(order, { event: { text: 'Bought' }, id: { join: ['user.id', 'nr'] }, actor: ['account', '/user/id'], actorType: 'kind' })).toMatchObject({
      id: '17#4711',
      event: 'Bought',
      actor: { type: 'Order Completed', id: '17' },
    })
  })

  it('gets an id if it has none', () => {
    for (const nr of [undefined, null, '']) expect(eventOf({ ...order, nr })).toMatchObject({ id: 'made' })
  })

  it.each([
    [{ ...order, user: {} }, 'actor: expected a value at user.id, found none'],
    [{ ...order, placed: '' }, 'time: expected a time, found ""'],
    [
      { ...order, placed: '13/07/2024' },
      'time: expected a time, found "13/07/2024", in which day and month cannot be distinguished: give a time format, such as DD/MM/YYYY HH:mm',
    ],
    [{ ...order, placed: '0001-01-01T00:00:00Z' }, expect.stringContaining('Go and .NET write')],
    [{ ...order, order: 5 }, 'properties: expected an object'],
    [[], 'event: expected a value at kind, found none'],
  ])('%# is refused with its reason', (line, reason) => expect(rowOf(line)).toMatchObject({ reason }))
})
