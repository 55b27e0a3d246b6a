import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { discRadius, type RingFlow, type RingStage, ringAngles, ringLayout } from './ring-layout.ts'

const stages: RingStage[] = [
  { id: 'one', kind: 'active', actors: 100 },
  { id: 'two', kind: 'active', actors: 25 },
  { id: 'away', kind: 'lapsed', actors: 400 },
  { id: 'back', kind: 'returned', actors: 0 },
]
const flow = (from: string, to: string, transitions = 1, kind = 'advance'): RingFlow => ({ from, to, kind, transitions })

describe('the ring', () => {
  it('has present stages clockwise in their order, those who left at the bottom right, those who came back at the bottom left', () => {
    expect([...ringAngles(stages)]).toEqual([
      ['one', -104],
      ['two', 104],
      ['away', 148],
      ['back', 212],
    ])
  })

  it('shows numbers by areas, and nothing smaller than can be seen', () => {
    expect([400, 100, 25, 0].map((value) => discRadius(value, 400, { least: 3, most: 40 }))).toEqual([40, 20, 10, 3])
    expect(discRadius(0, 0, { least: 3, most: 40 })).toBe(3)
  })

  it('draws leaving and coming back across the outer line, and moves inside of it', () => {
    const { lines } = ringLayout(stages, [flow('start', 'one'), flow('one', 'two'), flow('two', 'away'), flow('away', 'back'), flow('back', 'one')], 800)
    expect(lines.map(({ key, kind }) => [key, kind])).toEqual([
      ['start>one', 'begin'],
      ['one>two', 'move'],
      ['two>away', 'leave'],
      ['away>back', 'return'],
      ['back>one', 'move'],
    ])
  })

  it('adds up the flows between the same two stages, and leaves out stages that there are no more', () => {
    const { lines } = ringLayout(stages, [flow('one', 'two', 2), flow('one', 'two', 3, 'resume'), flow('one', 'gone'), flow('one', 'one')], 800)
    expect(lines.map(({ key, transitions }) => [key, transitions])).toEqual([['one>two', 5]])
  })

  it('stays inside of its frame, whatever the cycle is', () => {
    const stage = fc.record({ kind: fc.constantFrom('active' as const, 'lapsed' as const, 'returned' as const), actors: fc.nat(5_000_000) })
    const cycle = fc.array(stage, { minLength: 1, maxLength: 31 }).map((list) => list.map((each, index) => ({ id: `s${index}`, ...each })))
    fc.assert(
      fc.property(cycle, fc.integer({ min: 300, max: 1400 }), (list, width) => {
        const flows = list.flatMap(({ id }) => list.map((other) => flow(id, other.id, 3)))
        const { nodes, lines, height } = ringLayout(list, [...flows, flow('start', 's0')], width)
        for (const { x, y, radius } of nodes) {
          expect([x - radius >= 0, x + radius <= width, y - radius >= 0, y + radius <= height]).toEqual([true, true, true, true])
        }
        for (const { path, width: thickness } of lines) expect([/NaN|Infinity/.test(path), thickness > 0]).toEqual([false, true])
      }),
      { numRuns: 60 },
    )
  })
})
