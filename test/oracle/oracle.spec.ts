import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { type CycleDefinition, cycleDefinitionSchema } from '#contracts'
import { control, cycle, DAY, event, HOUR, historyBy, type Implementation, implementations, opened, tick } from './example.ts'
import { checkScenario } from './scenarios.ts'

function shared(name: string): CycleDefinition {
  return cycleDefinitionSchema.parse(parse(readFileSync(new URL(`../fixtures/cycles/${name}.yaml`, import.meta.url), 'utf8')))
}
const presence = shared('presence-30d')
const shop = shared('shop-customer')

const cycles = ['../fixtures/cycles', '../../deploy/cycles'].flatMap((folder) => {
  const path = join(import.meta.dirname, folder)
  return readdirSync(path).flatMap((name) => (name.endsWith('.yaml') ? [cycleDefinitionSchema.parse(parse(readFileSync(join(path, name), 'utf8')))] : []))
})
const scenarios = cycles.flatMap((definition) =>
  (definition.scenarios ?? []).map((scenario) => [definition.cycle, scenario.title, definition, scenario] as const),
)

describe('checkScenario', () => {
  it.each(scenarios)('finds no differences in the scenarios of %s: %s', (_cycle, _title, definition, scenario) => {
    expect(checkScenario(definition, scenario)).toEqual([])
  })

  it('reports differences', () => {
    const [scenario] = presence.scenarios ?? []
    const wrong = [
      { at: '2026-01-02T00:00:00Z', to: 'connection' },
      { at: '2026-02-10T00:00:00Z', to: 'gone' },
    ]
    // biome-ignore lint/suspicious/noThenProperty: the format names it so; a scenario is data and never awaited
    const defects = checkScenario(presence, { title: 'wrong', given: scenario?.given ?? [], then: wrong })
    expect(defects).toEqual([expect.stringContaining('then 1: expected at 2026-01-02'), expect.stringContaining('then 2: expected')])
  })

  it('moves log time to the arrival of each event, as in a replay', () => {
    const visit = (at: string, arrives = at) => ({ at, arrives, event: 'Visit' })
    const given = [visit('2026-01-01T00:00:00Z'), visit('2026-02-01T00:00:00Z')]
    const then = [
      { at: '2026-01-01T00:00:00Z', to: 'connection' },
      { at: '2026-01-31T00:00:00Z', to: 'disengagement' },
      { at: '2026-02-01T00:00:00Z', to: 're-engagement' },
    ]
    // It arrives within its grace period of one hour. It is late because the event before it arrived on February 1 and moved log time there.
    const late = visit('2026-01-31T22:30:00Z', '2026-01-31T23:00:00Z')
    expect(checkScenario({ ...presence, grace: '1h' }, { title: 'log time moves', given: [...given, late], then })).toEqual([])
  })

  it('covers every part of the format', () => {
    const order = (at: string, total: number, artist: string) => ({ at, event: 'Order Completed', properties: { total, artist } })
    const then = [
      { at: '2026-01-01T12:00:00Z', to: 'connection', rule: 'first-seen', cause: 'purchase' },
      { at: '2026-01-01T12:00:00Z', from: 'connection', to: 'interaction', rule: 'bought', cause: 'purchase' },
      { at: '2026-01-03T12:00:00Z', from: 'interaction', to: 'satisfaction', rule: 'bought-more' },
      { at: '2026-01-03T12:00:00Z', from: 'satisfaction', to: 'retention', rule: 'regular' },
      // The last purchase (January 3) leaves the window of 90 local days when April 3 begins in Berlin. In summer time that is 22:00 UTC.
      { at: '2026-04-02T22:00:00Z', from: 'retention', to: 'satisfaction', rule: 'faded', cause: 'run-out' },
      // The absence is due 120 days after the last purchase (January 3), not 120 days after the transition into satisfaction (April 2).
      { at: '2026-05-03T12:00:00Z', from: 'satisfaction', to: 'disengagement', rule: 'went-away', cause: 'absence' },
      { at: '2026-06-01T12:00:00Z', to: 're-engagement', rule: 'came-back', cause: 'browse' },
      { at: '2026-06-02T12:00:00Z', from: 're-engagement', to: 'satisfaction', rule: 'settled', cause: 'purchase' },
      { at: '2026-06-02T12:00:00Z', from: 'satisfaction', to: 'retention', rule: 'regular', cause: 'purchase' },
    ]
    const given = [
      ...[order('2026-01-01T12:00:00Z', 150, 'x'), order('2026-01-02T12:00:00Z', 40, 'y'), order('2026-01-03T12:00:00Z', 30, 'x')],
      ...[{ at: '2026-06-01T12:00:00Z', event: 'Product Viewed' }, order('2026-06-02T12:00:00Z', 20, 'x')],
    ]
    expect(checkScenario(shop, { title: 'every part', given, then })).toEqual([])
  })
})

describe.each(implementations)('log time, by %s,', (_, implementation) => {
  const history = historyBy(implementation)
  const longGrace = { ...presence, grace: '99d' }
  const lastTime = (log: Parameters<Implementation>[1]): number => (implementation(presence, log).logTime - Date.parse('2026-01-01T00:00:00Z')) / DAY

  it('a deadline has passed only when time is strictly after it', () => {
    const log = [opened, event(0), tick(30 * DAY)]
    expect(history(longGrace, log)).toHaveLength(1)
    expect(history(longGrace, [...log, tick(30 * DAY + 1)])[1]).toBe('30 disengage connection>disengagement went-away absence')
  })

  it('is the least tick of the open writers, waits for the first tick of each, and never falls', () => {
    const two = [opened, tick(5 * DAY), control('writer.open', 5 * DAY, 'v'), tick(9 * DAY)]
    expect(lastTime(two)).toBe(5)
    expect(lastTime([...two, tick(3 * DAY, 'v')])).toBe(5)
    expect(lastTime([...two, tick(7 * DAY, 'v')])).toBe(7)
    expect(lastTime([...two, control('writer.close', 9 * DAY, 'v')])).toBe(9)
    // A tick of a writer that is not open has no effect.
    expect(lastTime([...two, tick(8 * DAY, 'never-opened')])).toBe(5)
  })

  it('does not move while no writer is open', () => {
    expect(lastTime([event(90 * DAY)])).toBe(Number.NEGATIVE_INFINITY)
    expect(lastTime([opened, tick(DAY), control('writer.close', DAY), tick(8 * DAY)])).toBe(1)
  })

  it('follows only the rows of a backfill, and the ticks of writers after its end', () => {
    const filling = [opened, tick(DAY), control('backfill.begin', DAY, 'f'), event(3 * DAY), tick(9 * DAY)]
    expect(lastTime(filling)).toBe(3)
    expect(lastTime([...filling, event(2 * DAY)])).toBe(3)
    expect(lastTime([...filling, control('backfill.end', DAY, 'f')])).toBe(9)
  })
})

describe.each(implementations)('an event, by %s,', (_, implementation) => {
  const history = historyBy(implementation)
  const graced = { ...presence, grace: '2d', dedupe: '1d' }
  const countsOf = (definition: CycleDefinition, log: Parameters<Implementation>[1]) => implementation(definition, log).counts

  it('is late one millisecond after its grace, by its arrival or by log time', () => {
    const byArrival = [event(DAY, { arrives: 3 * DAY }), event(DAY - 1, { arrives: 3 * DAY })]
    expect(countsOf(graced, byArrival)).toMatchObject({ applied: 1, lateByGrace: 1 })
    const byLogTime = [opened, tick(3 * DAY), event(DAY), event(DAY - 1)]
    expect(countsOf(graced, byLogTime)).toMatchObject({ applied: 1, lateByGrace: 1 })
    expect(implementation(graced, byLogTime).late).toMatchObject([{ actor: 'one', id: `e${DAY - 1}`, reason: 'grace' }])
  })

  it('is applied once, with the time of its first copy, also if the second copy has another time and would be late', () => {
    const log = [event(5 * DAY, { id: 'x' }), event(DAY, { id: 'x', arrives: 9 * DAY })]
    expect(countsOf(graced, log)).toMatchObject({ applied: 1, duplicates: 1, lateByGrace: 0 })
    expect(history(graced, log)).toEqual(['5 advance start>connection first-seen visit'])
  })

  const firstCopy = [opened, tick(0), event(0, { id: 'x' })]
  const secondCopy = event(9 * DAY, { id: 'x' })

  it('with the id of an earlier event is a copy until that event is older, by log time, than dedupe', () => {
    const definition = { ...graced, dedupe: '9d' }
    expect(countsOf(definition, [...firstCopy, tick(9 * DAY), secondCopy])).toMatchObject({ duplicates: 1 })
    expect(countsOf(definition, [...firstCopy, tick(9 * DAY + 1), secondCopy])).toMatchObject({ duplicates: 0, applied: 2 })
  })

  it('with the id of an event in the journal is a copy, also if that event is older than dedupe', () => {
    expect(countsOf(graced, [...firstCopy, tick(2 * DAY), secondCopy])).toMatchObject({ duplicates: 1 })
  })

  it('that was applied before the first tick has infinite age after that tick, so a second event with its id is applied', () => {
    expect(countsOf({ ...graced, dedupe: '99d' }, [event(0, { id: 'x' }), opened, tick(3 * DAY), event(3 * DAY, { id: 'x' })])).toMatchObject({ applied: 2 })
  })

  const journalOfOne = { ...graced, journal: 1, dedupe: '0s' }
  const idsOfLate = (log: Parameters<Implementation>[1]) => implementation(journalOfOne, log).late.map(({ id, reason }) => [id, reason])
  /** The second event pushes the first one, with the id `out`, out of the journal. */
  const pushedOut = [event(2 * HOUR, { id: 'out' }), event(3 * HOUR)]

  it('before the time of an event that was pushed out of the journal is late', () => {
    const log = [...pushedOut, event(2 * HOUR - 1, { id: 'before' })]
    expect(idsOfLate(log)).toEqual([['before', 'bound']])
    expect(countsOf(journalOfOne, log)).toMatchObject({ applied: 2, lateByBound: 1 })
  })

  it('at the time of an event that was pushed out of the journal is late if it is a copy of that event, and applied otherwise', () => {
    const log = [...pushedOut, event(2 * HOUR, { id: 'new' }), event(2 * HOUR, { id: 'out' })]
    expect(idsOfLate(log)).toEqual([['out', 'bound']])
    expect(countsOf(journalOfOne, log)).toMatchObject({ applied: 3, lateByBound: 1 })
  })

  it('is applied once, also if the journal pushed out many events of its instant', () => {
    const ids = ['e', 'd', 'c', 'b', 'a']
    const log = [...ids, ...ids].map((id) => event(HOUR, { id }))
    // One id is in the journal: its copy is a duplicate. The copies of the four ids that were pushed out are late.
    expect(countsOf(journalOfOne, log)).toMatchObject({ applied: 5, duplicates: 1, lateByBound: 4 })
  })

  it('is ordered after the events of its instant that arrived before it, with any id, and copies do not change the order', () => {
    const transitions = [
      { id: 'begins', from: 'start', to: 'one', trigger: 'a' },
      { id: 'continues', from: 'one', to: 'two', trigger: 'b' },
      { id: 'ends', from: 'two', to: 'three', trigger: 'c' },
    ]
    const stages = ['one', 'two', 'three'].map((id) => ({ id, kind: 'active' as const }))
    const [first, second, third] = [event(HOUR, { id: 'z' }), event(HOUR, { id: 'f', event: 'B' }), event(HOUR, { id: '0', event: 'C' })] as const
    const expected = ['1 advance start>one begins a', '1 advance one>two continues b', '1 advance two>three ends c']
    const history = historyBy(implementation)
    for (const log of [
      [first, second, third],
      [first, second, first, third, second],
      // The first two events have later times, so the fold starts again from its base.
      [event(2 * HOUR, { id: 'later', event: 'none' }), event(3 * HOUR, { id: 'latest', event: 'C' }), first, second, third],
    ])
      expect(history(cycle({ stages, transitions, grace: '1d' }), log, HOUR)).toEqual(expected)
  })

  it('of another actor is pushed out first if it is the oldest event of all journals', () => {
    const twoEntries = { ...graced, journals: 2 }
    const log = [event(HOUR, { actor: 'two' }), event(2 * HOUR), event(3 * HOUR), event(1, { actor: 'two' }), event(1)]
    expect(implementation(twoEntries, log).late.map(({ actor }) => actor)).toEqual(['two'])
  })

  it('that arrived first is pushed out first if the oldest events of several journals have the same time', () => {
    const twoEntries = { ...graced, journals: 2 }
    const log = [event(HOUR, { actor: 'two' }), event(HOUR), event(HOUR, { actor: 'three' }), event(1, { actor: 'two' }), event(1)]
    expect(implementation(twoEntries, log).late.map(({ actor }) => actor)).toEqual(['two'])
  })

  it('without a signal, or of another type of actor, changes nothing', () => {
    const onlyVisits = { ...graced, signals: { visit: { event: 'Vis*' } } }
    const foreign = { ...event(0, { event: 'Visit' }), actor: { type: 'band', id: 'one' } }
    expect(countsOf(onlyVisits, [event(0, { event: 'visit' }), foreign])).toMatchObject({ unmatched: 1, otherActor: 1, applied: 0 })
  })

  it('that arrives out of order replaces a transition whose cause it changes', () => {
    const transitions = [
      { id: 'enter', from: 'start', to: 'x', trigger: 'a' },
      { id: 'go', from: 'x', to: 'y', trigger: ['a', 'b'], when: { n: { gte: 3 } } },
    ]
    const stages = ['x', 'y'].map((id) => ({ id, kind: 'active' as const }))
    const definition = cycle({ stages, transitions, measures: { n: { count: ['a', 'b'] } }, grace: '1d' })
    const log = [event(HOUR), event(10 * HOUR, { id: 'b', event: 'B' }), event(10 * HOUR, { id: 'a' })]
    expect(historyBy(implementation)(definition, log, HOUR).at(-1)).toBe('10 advance x>y go a')
    expect(historyBy(implementation)(definition, [...log, event(5 * HOUR, { arrives: 10 * HOUR })], HOUR).at(-1)).toBe('10 advance x>y go b')
  })

  it('that arrives out of order retracts an absence if its time is within that absence', () => {
    const log = [opened, event(0), tick(40 * DAY), event(20 * DAY, { arrives: 40 * DAY }), tick(49 * DAY)]
    expect(history({ ...presence, grace: '30d' }, log)).toEqual(['0 advance start>connection first-seen visit'])
  })
})

describe.each(implementations)('rules, by %s,', (_, implementation) => {
  const history = historyBy(implementation)
  const stages: CycleDefinition['stages'] = [
    { id: 'x', kind: 'active' },
    { id: 'y', kind: 'active' },
    { id: 'z', kind: 'active' },
  ]
  const enter = { id: 'enter', from: 'start', to: 'x', trigger: 'any' }

  it('chain at one instant, never back to a stage visited at it', () => {
    const transitions = [enter, { id: 'on', from: 'x', to: 'y', when: { n: { gte: 1 } } }, { id: 'back', from: 'y', to: 'x', when: { n: { gte: 1 } } }]
    const definition = cycle({ stages, transitions, measures: { n: { count: 'a' } } })
    expect(history(definition, [event(0)])).toEqual(['0 advance start>x enter a', '0 advance x>y on a'])
    expect(history(definition, [event(0), event(DAY)]).slice(2)).toEqual(['1 regress y>x back a'])
  })

  it('with since: stage do not count the event that entered the stage', () => {
    const transitions = [enter, { id: 'on', from: 'x', to: 'y', when: { n: { gte: 1 } } }]
    const definition = cycle({ stages, transitions, measures: { n: { count: 'a', since: 'stage' } } })
    expect(history(definition, [event(0), event(HOUR)], HOUR)).toEqual(['0 advance start>x enter a', '1 advance x>y on a'])
  })

  it('are tried in file order, and have the first signal of the event as their cause', () => {
    const transitions = [enter, { id: 'late', from: 'x', to: 'y', trigger: ['b', 'a'] }, { id: 'never', from: 'x', to: 'z', trigger: 'any' }]
    const signals = { c: { event: '*' }, a: { event: 'A*' }, b: { event: '*A' } }
    expect(history(cycle({ stages, transitions, signals }), [event(0), event(DAY)])).toEqual(['0 advance start>x enter c', '1 advance x>y late a'])
  })

  it('give each transition its kind', () => {
    const kinds: CycleDefinition['stages'] = [
      { id: 'x', kind: 'active' },
      { id: 'back', kind: 'returned' },
      { id: 'gone', kind: 'lapsed' },
      { id: 'lost', kind: 'lapsed' },
      { id: 'y', kind: 'active' },
    ]
    const path = ['start', 'y', 'x', 'gone', 'lost', 'back', 'x', 'y', 'gone', 'y', 'back', 'gone']
    const transitions = path.slice(1).map((to, n) => ({ id: `r${n}`, from: path[n] ?? '', to, trigger: 'a', when: { 'properties.n': n } }))
    const log = transitions.map((_, n) => event(n, { properties: { n } }))
    expect(history(cycle({ stages: kinds, transitions }), log, 1).map((line) => line.split(' ')[1])).toEqual([
      ...['advance', 'regress', 'disengage', 'disengage', 'return', 'resume', 'advance', 'disengage', 'return', 'regress', 'disengage'],
    ])
  })

  it('with to: previous lead to the last active stage, or to the first active stage of the file', () => {
    const kinds: CycleDefinition['stages'] = [
      { id: 'x', kind: 'active' },
      { id: 'y', kind: 'active' },
      { id: 'gone', kind: 'lapsed' },
    ]
    const lapse = { id: 'lapse', from: 'active', to: 'gone', trigger: 'b' }
    const transitions = [{ ...enter, to: 'y' }, lapse, { id: 'again', from: 'gone', to: 'previous', trigger: 'a' }]
    expect(history(cycle({ stages: kinds, transitions }), [event(0), event(1, { event: 'B' }), event(2)], 1)[2]).toBe('2 return gone>y again a')
    const fromNothing = [{ ...enter, to: 'gone' }, ...transitions.slice(1)]
    expect(history(cycle({ stages: kinds, transitions: fromNothing }), [event(0), event(2)], 1)[1]).toBe('2 return gone>x again a')
  })
})
