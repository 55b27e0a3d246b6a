import { describe, expect, it } from '@jest/globals'
import { type CycleDefinition, cycleDefinitionSchema } from '#contracts'
import { event, storiesOf, tick } from '../../../../test/fixtures/given.ts'

const storiesWith = (parts: Partial<CycleDefinition>) =>
  storiesOf(cycleDefinitionSchema.parse({ cycle: 'example', version: 1, actor: 'user', grace: '9d', ...parts }))
const b = (day: number) => event(day, { event: 'B' })

const signals = { a: { event: 'Visit' }, b: { event: 'B' } }
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
    const given = storiesWith(parts)
    given(event(0), event(1))
      .when(event(5))
      .then('4 disengage here>away left', '5 return away>here back')
      .when(event(6), b(6.5), event(7), b(7.5), event(8))
      .then()
      .when(b(8.5))
      .then('8.5 disengage here>lost quit')
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
      const { lines } = storiesWith(parts(usual))(...days.map((day) => event(day))).when(tick(999))
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
    const given = storiesWith({ signals, stages: [here, away], measures, transitions })
    const { dispositions } = given(event(0))
      .when(tick(3.5), event(2.9, { arrives: 3.5 }))
      .then()
    expect(dispositions).toEqual(['out-of-order'])
  })

  it('is not the end of a window at which no rule holds', () => {
    const immediate = { id: 'immediate', from: 'here', to: 'away', when: { recent: 0, n: { gt: 99 } } }
    const given = storiesWith({ signals, stages: [here, away], measures, transitions: [came, immediate] })
    const { dispositions } = given(event(0))
      .when(tick(3.5), event(1.9, { arrives: 3.5 }))
      .then()
    expect(dispositions).toEqual(['applied'])
  })
})

describe('a transition', () => {
  it('between returned stages is an advance or a regress by the order of the file', () => {
    const stages: CycleDefinition['stages'] = [here, { id: 'one', kind: 'returned' }, { id: 'two', kind: 'returned' }]
    const transitions = [came, { id: 'on', from: 'one', to: 'two', trigger: 'a' }, { id: 'off', from: ['here', 'two'], to: 'one', trigger: 'b' }]
    const given = storiesWith({ signals, stages, transitions })
    given(event(0)).when(b(1), event(2), b(3)).then('1 advance here>one off', '2 advance one>two on', '3 regress two>one off')
  })
})

describe('a warning', () => {
  it('is dropped if it is not before the absence', () => {
    const warned = (absence: string) => {
      const given = storiesWith({ signals, stages: [{ ...here, absence, warning: 0.9 }, away], transitions: [came, left] })
      return given(event(0))
        .when(tick(9))
        .outputs.map(({ kind }) => kind)
    }
    expect(warned('10ms')).toEqual(['notice', 'disengage'])
    expect(warned('1ms')).toEqual(['disengage'])
  })
})
