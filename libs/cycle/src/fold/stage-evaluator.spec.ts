import { describe, expect, it } from '@jest/globals'
import { type CycleDefinition, cycleDefinitionSchema, formatInstant } from '#contracts'
import { compileCycle } from '../compile/compile-cycle.ts'
import { PartitionFold } from './partition-fold.ts'

const DAY = 86_400_000
const ZERO = Date.parse('2026-01-01T00:00:00Z')

/** An event on a day; it arrives on that day, or later. */
type Step = readonly [event: string, day: number, arrives?: number]

/** Folds events and ticks; a number is a tick. All times are in days. @returns a line for each disposition of an event and for each output */
function walked(parts: Partial<CycleDefinition>, steps: readonly (Step | number)[]) {
  const lines: string[] = []
  let disposition = 'tick'
  const definition = cycleDefinitionSchema.parse({ cycle: 'example', version: 1, actor: 'user', grace: '9d', ...parts })
  const sink = {
    output: ({ kind, from, to, rule, at }: { kind: string; from: string; to: string; rule: string; at: string }) =>
      lines.push(`${(Date.parse(at) - ZERO) / DAY} ${kind} ${from}>${to} ${rule}`),
    decided: (_event: unknown, decided: string) => (disposition = decided),
  }
  const fold = new PartitionFold(compileCycle(definition), sink)
  fold.apply({ record: 'writer.open', writer: 'w', time: formatInstant(ZERO) })
  const dispositions = steps.map((step, n) => {
    if (typeof step === 'number') fold.apply({ record: 'tick', writer: 'w', time: formatInstant(ZERO + step * DAY) })
    const [event, day, arrives = day] = typeof step === 'number' ? ['', 0] : step
    const at = { time: ZERO + day * DAY, arrival: ZERO + arrives * DAY }
    disposition = 'tick'
    if (typeof step !== 'number') fold.apply({ id: `e${n}`, actorType: 'user', actorId: 'one', event, ...at })
    return disposition
  })
  return { lines, dispositions }
}

const signals = { a: { event: 'A' }, b: { event: 'B' } }
const here = { id: 'here', kind: 'active', absence: '3d' } as const
const away = { id: 'away', kind: 'lapsed' } as const
const came = { id: 'came', from: 'start', to: 'here', trigger: 'any' }
const left = { id: 'left', from: 'here', to: 'away', trigger: 'absence' }
const back = { id: 'back', from: 'away', to: 'here', trigger: 'a' }

describe('a measure since the return', () => {
  it('begins again at each return, not at other transitions', () => {
    const lost = { id: 'lost', kind: 'lapsed' } as const
    const transitions = [came, left, back, { id: 'quit', from: 'here', to: 'lost', trigger: 'b', when: { n: { gte: 3 } } }]
    const parts = { signals, stages: [here, away, lost], measures: { n: { count: 'a', since: 'return' as const } }, transitions }
    const steps: Step[] = [
      ['A', 0],
      ['A', 1],
      ['A', 5],
      ['A', 6],
      ['B', 6.5],
      ['A', 7],
      ['B', 7.5],
      ['A', 8],
      ['B', 8.5],
    ]
    expect(walked(parts, steps).lines).toEqual([
      '0 advance start>here came',
      '4 disengage here>away left',
      '5 return away>here back',
      '8.5 disengage here>lost quit',
    ])
  })
})

describe('the usual gap of an actor', () => {
  it('is taken from the last 32 gaps, if there are at least five', () => {
    const parts = (usual: number) => ({
      signals,
      stages: [{ ...here, absence: { usual, floor: '1d', ceiling: '20d' } }, away],
      transitions: [came, left, back],
    })
    const absenceAfter = (usual: number, gaps: readonly number[]): number => {
      const days = [0]
      for (const gap of gaps) days.push((days.at(-1) ?? 0) + gap)
      const { lines } = walked(parts(usual), [...days.map((day): Step => ['A', day]), 999])
      return Number(lines.at(-1)?.split(' ')[0]) - (days.at(-1) ?? 0)
    }
    const ones = (count: number): number[] => Array.from({ length: count }, () => 1)
    expect(absenceAfter(1, ones(4))).toBe(20)
    expect(absenceAfter(1, ones(5))).toBe(1)
    expect(absenceAfter(1, [7, ...ones(31)])).toBe(7)
    expect(absenceAfter(1, [7, ...ones(32)])).toBe(1)
    expect(absenceAfter(0.1, [...ones(3), ...Array.from({ length: 27 }, () => 4)])).toBe(1)
    expect(absenceAfter(0.1, [...ones(2), ...Array.from({ length: 28 }, () => 4)])).toBe(4)
  })
})

describe('a spent deadline', () => {
  const never = { n: { gt: 99 } }
  const measures = { n: { count: 'a' }, recent: { count: 'a', within: '2d' } }

  it.each([
    ['an absence', [came, { ...left, when: never }]],
    ['an after', [came, { id: 'later', from: 'here', to: 'away', after: '3d', when: never }]],
  ])('makes an earlier event out of order: %s', (_, transitions) => {
    const { lines, dispositions } = walked({ signals, stages: [here, away], measures, transitions }, [['A', 0], 3.5, ['A', 2.9, 3.5]])
    expect([lines, dispositions.at(-1)]).toEqual([['0 advance start>here came'], 'out-of-order'])
  })

  it('is not the end of a window at which no rule holds', () => {
    const immediate = { id: 'immediate', from: 'here', to: 'away', when: { recent: 0, n: { gt: 99 } } }
    const { lines, dispositions } = walked({ signals, stages: [here, away], measures, transitions: [came, immediate] }, [['A', 0], 3.5, ['A', 1.9, 3.5]])
    expect([lines, dispositions.at(-1)]).toEqual([['0 advance start>here came'], 'applied'])
  })
})

describe('a transition', () => {
  it('between returned stages is an advance or a regress by the order of the file', () => {
    const stages: CycleDefinition['stages'] = [here, { id: 'one', kind: 'returned' }, { id: 'two', kind: 'returned' }]
    const transitions = [came, { id: 'on', from: 'one', to: 'two', trigger: 'a' }, { id: 'off', from: ['here', 'two'], to: 'one', trigger: 'b' }]
    expect(
      walked({ signals, stages, transitions }, [
        ['A', 0],
        ['B', 1],
        ['A', 2],
        ['B', 3],
      ]).lines.slice(1),
    ).toEqual(['1 advance here>one off', '2 advance one>two on', '3 regress two>one off'])
  })
})

describe('a warning', () => {
  it('is dropped if it is not before the absence', () => {
    const warned = (absence: string) => walked({ signals, stages: [{ ...here, absence, warning: 0.9 }, away], transitions: [came, left] }, [['A', 0], 9]).lines
    expect(warned('10ms').map((line) => line.split(' ')[1])).toEqual(['advance', 'notice', 'disengage'])
    expect(warned('1ms').map((line) => line.split(' ')[1])).toEqual(['advance', 'disengage'])
  })
})
