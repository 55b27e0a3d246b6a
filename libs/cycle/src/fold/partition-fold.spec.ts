import { describe, expect, it } from '@jest/globals'
import { type ControlRecord, type CycleDefinition, formatInstant, type LateReason, type Output } from '#contracts'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { event, storiesOf, tick } from '../../../../test/fixtures/given.ts'
import { compileCycle } from '../compile/compile-cycle.ts'
import type { Disposition, FoldEvent } from '../events/fold-event.ts'
import { PartitionFold } from './partition-fold.ts'

const DAY = 86_400_000
const day = (n: number): string => formatInstant(n * DAY)

function startFold(changes: Partial<CycleDefinition> = {}) {
  const outputs: Output[] = []
  const late: [string, LateReason][] = []
  const pushedOut: string[] = []
  const decided: Disposition[] = []
  const sink = {
    output: (output: Output) => outputs.push(output),
    late: (event: FoldEvent, reason: LateReason) => late.push([event.id, reason]),
    pushedOut: (actor: string) => pushedOut.push(actor),
    decided: (_event: FoldEvent, disposition: Disposition) => decided.push(disposition),
  }
  const fold = new PartitionFold(compileCycle({ ...presence, ...changes }), sink)
  const control = (record: ControlRecord['record'], at: number, { writer = 'w', budget = Number.POSITIVE_INFINITY } = {}) =>
    fold.apply({ record, writer, time: day(at) }, budget)
  control('writer.open', 0)
  return { fold, outputs, late, pushedOut, decided, control, lines: () => outputs.map(({ actor, kind, at }) => `${actor.id} ${kind} ${Date.parse(at) / DAY}`) }
}

const visit = (actorId: string, at: number, more: Partial<FoldEvent> = {}): FoldEvent => {
  return { id: `${actorId}${at}`, actorType: 'user', actorId, event: 'Visit', time: at * DAY, arrival: at * DAY, ...more }
}

const given = storiesOf(presence)

describe('a tick', () => {
  it('fires the smallest deadline first, and deadlines of one instant in the byte order of actor ids', () => {
    const { fold, control, lines } = startFold()
    for (const actor of ['\u{1F600}', 'b', '\u{FFFD}', 'B', 'aa', 'a']) fold.apply(visit(actor, 2))
    fold.apply(visit('z', 1))
    expect(control('tick', 9)).toBe('done')
    expect(lines().slice(7)).toEqual(['z', 'B', 'a', 'aa', 'b', '\u{FFFD}', '\u{1F600}'].map((actor) => `${actor} disengage ${actor === 'z' ? 4 : 5}`))
  })

  it('can be paused between two deadlines, and the cursor names the last deadline that fired', () => {
    const { fold, control, outputs } = startFold()
    for (const actor of ['c', 'a', 'b']) fold.apply(visit(actor, 1))
    expect(fold.cursor).toBeNull()
    expect([control('tick', 9, { budget: 0 }), outputs.length, fold.cursor]).toEqual(['more', 3, null])
    expect([fold.fire(1), outputs.length, fold.cursor]).toEqual(['more', 4, { deadline: 4 * DAY, actor: { type: 'user', id: 'a' } }])
    expect([fold.fire(2), outputs.length, fold.cursor?.actor.id]).toEqual(['done', 6, 'c'])
    control('tick', 10)
    expect(fold.cursor).toBeNull()
  })

  it.each(['1970-01-10T00:00:00,5Z', '1970-01-10T01:00:00.5+01', '19700109t190000,5-0500'])(
    'with the time %s moves log time, and so does the next tick',
    (time) => {
      const { fold, control } = startFold()
      const at: number[] = []
      fold.apply({ record: 'tick', writer: 'w', time })
      at.push(fold.state.time.now)
      control('tick', 10)
      at.push(fold.state.time.now)
      expect(at).toEqual([9 * DAY + 500, 10 * DAY])
    },
  )

  it('with an invalid time changes nothing, and the next tick moves log time', () => {
    const { fold, control } = startFold()
    control('tick', 9)
    fold.apply({ record: 'tick', writer: 'w', time: 'soon' })
    expect(fold.state.time.now).toBe(9 * DAY)
    control('tick', 10)
    expect(fold.state.time.now).toBe(10 * DAY)
  })

  it('fires the deadlines up to a saved cursor, and no later ones', () => {
    for (const [through, fired] of [
      ['a', 2],
      ['b', 3],
      ['c', 4],
      ['d', 5],
    ] as const) {
      const { fold, control, outputs } = startFold()
      for (const actor of ['c', 'a', 'b', 'd']) fold.apply(visit(actor, 1))
      fold.apply(visit('later', 2))
      fold.apply(visit('z earlier', 0.5))
      control('tick', 9, { budget: 0 })
      expect(fold.fire(undefined, { deadline: 4 * DAY, actor: { type: 'user', id: through } })).toBe('done')
      // The six events have an output each.
      expect(outputs.length - 6).toBe(fired)
    }
  })
})

describe('an event', () => {
  it('is counted by its disposition', () => {
    // The journal of an actor has one entry, so that the second event of another time pushes an earlier one out.
    const { fold, late, decided } = startFold({ journal: 1, dedupe: '0s' })
    const events = [
      visit('a', 5),
      // The same id and time again.
      visit('a', 5),
      visit('a', 4.5, { arrival: 5 * DAY }),
      visit('a', 6),
      visit('a', 5.2, { arrival: 6 * DAY }),
      visit('a', 4, { arrival: 6 * DAY }),
      visit('a', 5, { event: 'visit', id: 'other' }),
      visit('a', 5, { actorType: 'band' }),
    ]
    for (const event of events) fold.apply(event)
    expect(decided).toEqual(['applied', 'duplicate', 'out-of-order', 'applied', 'out-of-order', 'late-grace', 'unmatched', 'other-actor'])
    expect(fold.state.counts).toMatchObject({ applied: 2, 'out-of-order': 2, duplicate: 1, 'late-grace': 1, 'late-bound': 0, unmatched: 1, 'other-actor': 1 })
    expect(late).toEqual([['a4', 'grace']])
    // Within its grace, but before what was pushed out.
    fold.apply(visit('a', 5.1, { arrival: 6 * DAY }))
    expect(decided.at(-1)).toBe('late-bound')
    expect(late.at(-1)).toEqual(['a5.1', 'bound'])
  })

  it('at the time of an earlier event is applied after that event, with any ids', () => {
    const { dispositions } = given(event(5, { id: 'b' })).when(event(5, { id: 'c' }), event(5, { id: 'a' }))
    expect(dispositions).toEqual(['applied', 'applied'])
  })

  it('at the time of a deadline that has fired is applied before that deadline', () => {
    const { dispositions } = given(event(1))
      .when(tick(4.5))
      .then('4 disengage here>away left')
      .when(event(4, { arrives: 4.5 }))
      .then('4 retraction here>away left')
    expect(dispositions).toEqual(['out-of-order'])
  })

  it('without an amount is counted in the remarks', () => {
    const { fold } = startFold()
    for (const [n, total] of [1, '1', null, undefined, 9e9, -9e9, 9e9 + 1, -9e9 - 1].entries()) fold.apply(visit('a', n, { properties: { total } }))
    expect(Object.values(fold.state.remarks.record().skipped)).toEqual([{ numerals: 1, beyond: 2, others: 2, example: expect.any(String) }])
  })

  it('above the bound of all journals pushes out the oldest entry of all journals, and its actor is reported', () => {
    const { fold, pushedOut, late } = startFold({ journals: 2, grace: '9d' })
    fold.apply(visit('b', 1))
    fold.apply(visit('a', 1, { id: 'b1' }))
    fold.apply(visit('c', 2))
    expect(pushedOut).toEqual(['b'])
    fold.apply(visit('c', 3))
    expect(pushedOut).toEqual(['b', 'a'])
    fold.apply(visit('b', 0.5, { arrival: 3 * DAY }))
    expect(late).toEqual([['b0.5', 'bound']])
  })
})

describe('a replay', () => {
  it('moves log time with each event, also with an event that the state already contains', () => {
    const outputs: Output[] = []
    const restore = { hasApplied: (actorId: string) => actorId === 'c', pushOuts: () => [] }
    const fold = new PartitionFold(compileCycle(presence), { output: (output) => outputs.push(output) }, { replay: true, restore })
    fold.apply(visit('a', 0))
    fold.apply(visit('b', 3.5, { event: 'unknown' }))
    expect([fold.state.time.now, outputs.length]).toEqual([3.5 * DAY, 2])
    fold.apply(visit('c', 5))
    expect(outputs.map(({ actor }) => actor.id)).toEqual(['a', 'a'])
    expect(fold.state.time.now).toBe(5 * DAY)
    fold.apply({ record: 'tick', writer: 'nobody', time: day(4) })
    expect(fold.state.time.now).toBe(5 * DAY)
    fold.apply({ record: 'tick', writer: 'nobody', time: day(6) })
    expect(fold.state.time.now).toBe(6 * DAY)
  })

  it('is the only mode in which events move log time', () => {
    const { fold } = startFold()
    fold.apply(visit('a', 3))
    expect(fold.state.time.now).toBe(Number.NEGATIVE_INFINITY)
  })
})

describe('log time', () => {
  it('counts records of writers that are not open, and is restored from its saved form', () => {
    const { fold, control } = startFold()
    control('tick', 1, { writer: 'never-opened' })
    control('writer.close', 1, { writer: 'never-opened' })
    control('backfill.end', 1, { writer: 'filler' })
    expect(fold.state.time.strayRecords).toBe(3)
    control('tick', 2)
    control('writer.open', 2, { writer: 'v' })
    control('writer.open', 2, { writer: 'u' })
    control('writer.close', 2, { writer: 'u' })
    control('backfill.begin', 2, { writer: 'filler' })
    control('backfill.begin', 2, { writer: 'other' })
    expect(fold.state.time.strayRecords).toBe(3)
    control('backfill.end', 2, { writer: 'other' })
    expect([fold.state.time.strayRecords, fold.state.time.inBackfill]).toEqual([4, true])
    control('backfill.end', 2, { writer: 'filler' })
    expect([fold.state.time.strayRecords, fold.state.time.inBackfill]).toEqual([4, false])
    control('backfill.begin', 2, { writer: 'filler' })
    const saved = fold.state.time.save()
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
    const other = startFold().fold
    other.state.time.load(saved)
    expect(other.state.time.save()).toEqual(saved)
    expect([other.state.time.inBackfill, other.state.time.strayRecords]).toEqual([true, 0])
    expect(startFold().fold.state.time.save()).toEqual({ logTime: null, writers: [['w', null]], backfill: null, historyUntil: null, events: 0 })
  })
})
