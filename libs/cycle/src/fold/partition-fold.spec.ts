import { describe, expect, it } from '@jest/globals'
import { type ControlRecord, type CycleDefinition, formatInstant, type LateReason, type Output } from '#contracts'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { compileCycle } from '../compile/compile-cycle.ts'
import type { FoldEvent } from '../events/fold-event.ts'
import { PartitionFold } from './partition-fold.ts'

const DAY = 86_400_000
const day = (n: number): string => formatInstant(n * DAY)

function started(changes: Partial<CycleDefinition> = {}) {
  const outputs: Output[] = []
  const late: [string, LateReason][] = []
  const pushedOut: string[] = []
  const sink = {
    output: (output: Output) => outputs.push(output),
    late: (event: FoldEvent, reason: LateReason) => late.push([event.id, reason]),
    pushedOut: (actor: string) => pushedOut.push(actor),
  }
  const fold = new PartitionFold(compileCycle({ ...presence, ...changes }), sink)
  const control = (record: ControlRecord['record'], at: number, writer = 'w') => fold.applyControl({ record, writer, time: day(at) })
  control('writer.open', 0)
  return { fold, outputs, late, pushedOut, control, lines: () => outputs.map(({ actor, kind, at }) => `${actor.id} ${kind} ${Date.parse(at) / DAY}`) }
}

const visit = (actorId: string, at: number, more: Partial<FoldEvent> = {}): FoldEvent => {
  return { id: `${actorId}${at}`, actorType: 'user', actorId, event: 'Visit', time: at * DAY, arrival: at * DAY, ...more }
}

describe('a tick', () => {
  it('fires the smallest deadline first, and at one instant the actors in the order of their bytes', () => {
    const { fold, control, lines } = started()
    for (const actor of ['\u{1F600}', 'b', '\u{FFFD}', 'B', 'aa', 'a']) fold.applyEvent(visit(actor, 2))
    fold.applyEvent(visit('z', 1))
    control('tick', 9)
    expect(fold.fireDue()).toBe(true)
    expect(lines().slice(7)).toEqual(['z', 'B', 'a', 'aa', 'b', '\u{FFFD}', '\u{1F600}'].map((actor) => `${actor} disengage ${actor === 'z' ? 4 : 5}`))
  })

  it('may be paused between any two firings, and its cursor names the last', () => {
    const { fold, control, outputs } = started()
    for (const actor of ['c', 'a', 'b']) fold.applyEvent(visit(actor, 1))
    expect(fold.cursor).toBeNull()
    control('tick', 9)
    expect([fold.fireDue(0), outputs.length, fold.cursor]).toEqual([false, 3, null])
    expect([fold.fireDue(1), outputs.length, fold.cursor]).toEqual([false, 4, { deadline: 4 * DAY, actor: { type: 'user', id: 'a' } }])
    expect([fold.fireDue(2), outputs.length, fold.cursor?.actor.id]).toEqual([true, 6, 'c'])
    control('tick', 10)
    expect(fold.cursor).toBeNull()
  })

  it.each(['1970-01-10T00:00:00,5Z', '1970-01-10T01:00:00.5+01', '19700109t190000,5-0500'])('at %s moves time as any other does, and time goes on', (time) => {
    const { fold, control } = started()
    const at: number[] = []
    fold.applyControl({ record: 'tick', writer: 'w', time })
    at.push(fold.time.now)
    control('tick', 10)
    at.push(fold.time.now)
    expect(at).toEqual([9 * DAY + 500, 10 * DAY])
  })

  it('whose time is none moves nothing, and the next one does', () => {
    const { fold, control } = started()
    control('tick', 9)
    fold.applyControl({ record: 'tick', writer: 'w', time: 'soon' })
    expect(fold.time.now).toBe(9 * DAY)
    control('tick', 10)
    expect(fold.time.now).toBe(10 * DAY)
  })

  it('fires again just up to where it was when it was saved', () => {
    for (const [through, fired] of [
      ['a', 2],
      ['b', 3],
      ['c', 4],
      ['d', 5],
    ] as const) {
      const { fold, control, outputs } = started()
      for (const actor of ['c', 'a', 'b', 'd']) fold.applyEvent(visit(actor, 1))
      fold.applyEvent(visit('a later one', 2))
      fold.applyEvent(visit('z, an earlier one', 0.5))
      control('tick', 9)
      expect(fold.fireDue(undefined, { deadline: 4 * DAY, actor: { type: 'user', id: through } })).toBe(true)
      expect(outputs.length - 6).toBe(fired)
    }
  })
})

describe('an event', () => {
  it('is counted as what became of it', () => {
    const { fold, late } = started({ journal: 1, dedupe: '0s' })
    const seen = [
      visit('a', 5),
      visit('a', 5),
      visit('a', 4.5, { arrival: 5 * DAY }),
      visit('a', 6),
      visit('a', 5.2, { arrival: 6 * DAY }),
      visit('a', 4, { arrival: 6 * DAY }),
      visit('a', 5, { event: 'visit', id: 'other' }),
      visit('a', 5, { actorType: 'band' }),
    ].map((event) => fold.applyEvent(event))
    expect(seen).toEqual(['applied', 'duplicate', 'out-of-order', 'applied', 'out-of-order', 'late-grace', 'unmatched', 'other-actor'])
    expect(fold.counts).toEqual({ applied: 2, 'out-of-order': 2, duplicate: 1, 'late-grace': 1, 'late-bound': 0, unmatched: 1, 'other-actor': 1 })
    expect(late).toEqual([['a4', 'grace']])
    expect(fold.applyEvent(visit('a', 5.1, { arrival: 6 * DAY }))).toBe('late-bound')
    expect(late.at(-1)).toEqual(['a5.1', 'bound'])
  })

  it('of the time of another stands behind it, whatever their ids', () => {
    const { fold } = started()
    const seen = ['b', 'c', 'a'].map((id) => fold.applyEvent(visit('one', 5, { id })))
    expect(seen).toEqual(['applied', 'applied', 'applied'])
  })

  it('of the time of a deadline that has fired comes before it', () => {
    const { fold, control, lines } = started()
    fold.applyEvent(visit('a', 1))
    control('tick', 4.5)
    fold.fireDue()
    expect(fold.applyEvent(visit('a', 4, { arrival: 4.5 * DAY }))).toBe('out-of-order')
    expect(lines()).toEqual(['a advance 1', 'a disengage 4', 'a retraction 4'])
  })

  it('that says no amount is counted apart', () => {
    const { fold } = started()
    for (const [n, total] of [1, '1', null, undefined, 9e9, -9e9, 9e9 + 1, -9e9 - 1].entries()) fold.applyEvent(visit('a', n, { properties: { total } }))
    expect(Object.values(fold.remarks.record().skipped)).toEqual([{ numerals: 1, beyond: 2, others: 2, example: expect.any(String) }])
  })

  it('beyond the bound of all journals pushes the oldest of all out, and says whose', () => {
    const { fold, pushedOut, late } = started({ journals: 2, grace: '9d' })
    fold.applyEvent(visit('b', 1))
    fold.applyEvent(visit('a', 1, { id: 'b1' }))
    fold.applyEvent(visit('c', 2))
    expect(pushedOut).toEqual(['b'])
    fold.applyEvent(visit('c', 3))
    expect(pushedOut).toEqual(['b', 'a'])
    fold.applyEvent(visit('b', 0.5, { arrival: 3 * DAY }))
    expect(late).toEqual([['b0.5', 'bound']])
  })
})

describe('a replay', () => {
  it('goes on in time with each event, one that is passed over too', () => {
    const outputs: Output[] = []
    const fold = new PartitionFold(compileCycle(presence), { output: (output) => outputs.push(output), late: () => undefined }, { replay: true })
    fold.applyEvent(visit('a', 0))
    fold.applyEvent(visit('b', 3.5, { event: 'unknown' }))
    fold.fireDue()
    expect([fold.time.now, outputs.length]).toEqual([3.5 * DAY, 2])
    fold.skipEvent(5 * DAY)
    expect(fold.time.now).toBe(5 * DAY)
    fold.advanceTo(4 * DAY)
    expect(fold.time.now).toBe(5 * DAY)
  })

  it('does not go on in time with events of a live log', () => {
    const { fold } = started()
    fold.applyEvent(visit('a', 3))
    fold.skipEvent(5 * DAY)
    expect(fold.time.now).toBe(Number.NEGATIVE_INFINITY)
  })
})

describe('log time', () => {
  it('counts records of writers that are not open, and comes back as it was saved', () => {
    const { fold, control } = started()
    control('tick', 1, 'stranger')
    control('writer.close', 1, 'stranger')
    control('backfill.end', 1, 'filler')
    expect(fold.time.strayRecords).toBe(3)
    control('tick', 2)
    control('writer.open', 2, 'v')
    control('writer.open', 2, 'u')
    control('writer.close', 2, 'u')
    control('backfill.begin', 2, 'filler')
    control('backfill.begin', 2, 'other')
    expect(fold.time.strayRecords).toBe(3)
    control('backfill.end', 2, 'other')
    expect([fold.time.strayRecords, fold.time.inBackfill]).toEqual([4, true])
    control('backfill.end', 2, 'filler')
    expect([fold.time.strayRecords, fold.time.inBackfill]).toEqual([4, false])
    control('backfill.begin', 2, 'filler')
    const saved = fold.time.save()
    expect(saved).toEqual({
      logTime: 2 * DAY,
      writers: [
        ['w', 2 * DAY],
        ['v', null],
      ],
      backfill: 'filler',
      historyUntil: 2 * DAY,
      events: 0,
    })
    const other = started().fold
    other.time.load(saved)
    expect(other.time.save()).toEqual(saved)
    expect([other.time.inBackfill, other.time.strayRecords]).toEqual([true, 0])
    expect(started().fold.time.save()).toEqual({ logTime: null, writers: [['w', null]], backfill: null, historyUntil: null, events: 0 })
  })
})
