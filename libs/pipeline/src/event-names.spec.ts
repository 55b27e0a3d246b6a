import { describe, expect, it } from '@jest/globals'
import { type ActivityEvent, type EventName, formatInstant } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { EventNames } from './event-names.ts'

const signals = ['order', 'screen'].map((id) => ({ id, events: id === 'order' ? ['Order Completed'] : ['Screen *'] })) as unknown as CompiledCycle['signals']
const HOUR_MS = 3_600_000
let numbered = 0

function saw(names: EventNames, event: string, more: Partial<ActivityEvent> & { readonly hour?: number; readonly bits?: number } = {}): void {
  const { hour = 0, bits = 0, ...parts } = more
  const arrival = hour * HOUR_MS
  const at = formatInstant(arrival)
  const record: ActivityEvent = { id: `e${numbered++}`, type: 'track', event, actor: { type: 'user', id: 'u' }, time: at, receivedAt: at, ...parts }
  names.saw({ record, arrival, signals: bits })
}

/** The records that a store has after several batches. */
function stored(...batches: readonly (readonly EventName[])[]): EventName[] {
  return [...new Map(batches.flat().map((record) => [record.name, record])).values()]
}
const begun = () => new EventNames(signals, [], 'beginning')
const named = (records: readonly EventName[], name: string | null) => records.find((record) => record.name === name)

describe('the names of events', () => {
  it('are counted with their first and last arrival and the signals that matched', () => {
    const names = begun()
    saw(names, 'Order Completed', { hour: 3, bits: 1 })
    saw(names, 'Order Completed', { hour: 1 })
    saw(names, 'Other', { hour: 2 })
    const records = names.takeChanged()
    expect(named(records, 'Order Completed')).toMatchObject({
      events: 2,
      firstAt: formatInstant(HOUR_MS),
      lastAt: formatInstant(3 * HOUR_MS),
      signals: ['order'],
    })
    expect(named(records, 'Other')).toMatchObject({ events: 1, signals: [], defects: 0 })
    expect(named(records, null)).toEqual({ name: null, since: null, events: 0, firstAt: null, lastAt: null, signals: [], defects: 0, samples: [], version: 0 })
  })

  it('are given once after each change', () => {
    const names = begun()
    saw(names, 'A')
    saw(names, 'A')
    expect(names.takeChanged().map(({ name }) => name)).toEqual([null, 'A'])
    expect(names.takeChanged()).toEqual([])
    saw(names, 'B')
    expect(names.takeChanged().map(({ name, events }) => [name, events])).toEqual([['B', 1]])
  })

  it('continue from the stored records as if there had been no restart', () => {
    const [whole, first] = [begun(), begun()]
    const defect = (version: number, path: string) => ({ planDefect: { version, path, reason: `${path}: expected a value` } })
    const sawThree = (names: EventNames) => {
      for (const hour of [4, 2]) saw(names, 'Order Completed', { id: `o${hour}`, hour, bits: 1, ...defect(1, 'properties.a') })
      saw(names, 'Screen 1', { id: 's', hour: 1, bits: 2 })
    }
    const sawTwo = (names: EventNames) => {
      saw(names, 'Order Completed', { id: 'last', hour: 9, ...defect(1, 'properties.a') })
      saw(names, 'new', { id: 'n', hour: 1 })
    }
    sawThree(first)
    const kept = first.takeChanged()
    const second = new EventNames(signals, JSON.parse(JSON.stringify(kept)))
    sawTwo(second)
    sawThree(whole)
    sawTwo(whole)
    const all = stored(kept, second.takeChanged())
    expect(all).toEqual(whole.takeChanged())
    expect(named(all, 'Order Completed')).toMatchObject({ events: 3, defects: 3, samples: [{ path: 'properties.a', events: 3, id: 'last', actor: 'u' }] })
  })

  it('beyond the limit are counted together, but names of signals always by themselves', () => {
    const names = begun()
    for (let n = 0; n < 1500; n++) saw(names, `junk ${n}`)
    for (const name of ['Order Completed', 'junk 7', 'constructor', '__proto__']) saw(names, name)
    const records = names.takeChanged()
    expect([records.length, named(records, null)?.events, named(records, 'Order Completed')?.events, named(records, 'junk 7')?.events]).toEqual([
      1002, 502, 1, 2,
    ])
    expect(records.reduce((sum, { events }) => sum + events, 0)).toBe(1504)
  })

  it('are counted from zero after a release that did not count them, from its last event on', () => {
    const before = begun()
    for (const name of ['A', 'B']) saw(before, name, { planDefect: { version: 1, reason: 'no' } })
    const kept = before.takeChanged()
    const restarted = new EventNames(signals, kept, 5 * HOUR_MS)
    saw(restarted, 'A', { hour: 6 })
    const all = stored(kept, restarted.takeChanged())
    expect(all.map(({ name, events, since, defects }) => [name, events, since, defects])).toEqual([
      [null, 0, formatInstant(5 * HOUR_MS), 0],
      ['A', 1, formatInstant(5 * HOUR_MS), 0],
      ['B', 0, formatInstant(5 * HOUR_MS), 0],
    ])
  })
})

describe('defects of a name', () => {
  const defect = (version: number, path: string | undefined, reason = 'wrong') => ({ planDefect: { version, ...(path === undefined ? {} : { path }), reason } })

  it('are all counted, and sampled by place for the newest version of the plan', () => {
    const names = begun()
    for (const [id, version, path] of [
      ['a', 1, 'x'],
      ['b', 2, 'y'],
      ['c', 1, 'x'],
      ['d', 2, 'y'],
      ['e', 2, undefined],
    ] as const)
      saw(names, 'A', { id, ...defect(version, path, `${id} is wrong`) })
    expect(named(names.takeChanged(), 'A')).toMatchObject({
      events: 5,
      defects: 5,
      version: 2,
      samples: [
        { path: 'y', events: 2, reason: 'd is wrong', id: 'd' },
        { path: null, events: 1, id: 'e' },
      ],
    })
  })

  it('at too many places are counted, and sampled at the first ones', () => {
    const names = begun()
    for (let n = 0; n < 100; n++) saw(names, 'A', defect(1, `properties.${n}`))
    const record = named(names.takeChanged(), 'A')
    expect([record?.defects, record?.samples.length]).toEqual([100, 10])
  })
})
