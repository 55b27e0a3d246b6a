import { describe, expect, it } from '@jest/globals'
import { readDefinition } from '../read-definition.ts'

/** How many parts of each sort a generated definition has. */
interface Counts {
  readonly stages?: number
  readonly signals?: number
  readonly measures?: number
  readonly conditions?: number
}

/** A definition of the given size in JSON: a circle of stages, and one rule for each condition on an event. */
function definitionOf({ stages = 2, signals = 1, measures = 0, conditions = 1 }: Counts): string {
  const ids = Array.from({ length: stages }, (_, index) => `s${index}`)
  const rule = (index: number) => ({ id: `c${index}`, from: 's0', to: 's1', trigger: 'g0', when: { 'properties.x': index } })
  return JSON.stringify({
    cycle: 'limits',
    version: 1,
    actor: 'user',
    stages: ids.map((id) => ({ id, kind: 'active' })),
    signals: Object.fromEntries(Array.from({ length: signals }, (_, index) => [`g${index}`, { event: `E${index}` }])),
    measures: Object.fromEntries(Array.from({ length: measures }, (_, index) => [`m${index}`, { count: 'g0' }])),
    transitions: [
      { id: 'first', from: 'start', to: 's0', trigger: 'any' },
      ...ids.map((id, index) => ({ id: `r${index}`, from: id, to: ids[(index + 1) % stages], after: '1d' })),
      ...Array.from({ length: conditions }, (_, index) => rule(index)),
    ],
  })
}

const errorsOf = (counts: Counts): readonly string[] =>
  readDefinition(definitionOf(counts), 'a.json')
    .defects.filter((defect) => defect.severity === 'error')
    .map((defect) => defect.message)

describe('the limits of a definition', () => {
  it.each([{ stages: 31 }, { signals: 31 }, { measures: 64 }, { conditions: 31 }])('accept %j', (counts) => {
    expect(errorsOf(counts)).toEqual([])
  })

  it.each([
    [{ stages: 32 }, 'stages: expected at most 31 entries, got a list'],
    [{ signals: 32 }, 'too many signals: expected at most 31, got 32'],
    [{ measures: 65 }, 'too many measures: expected at most 64, got 65'],
    [{ conditions: 32 }, 'too many different conditions on events in rules: expected at most 31; put them into the where of signals'],
  ])('refuse %j', (counts, message) => {
    expect(errorsOf(counts)).toEqual([message])
  })

  it('count the rules with after for each stage, if they name the stage or its kind', () => {
    const parsed = JSON.parse(definitionOf({ stages: 2 })) as { transitions: object[] }
    const more = (count: number): string => {
      const added = Array.from({ length: count }, (_, index) => ({
        id: `x${index}`,
        from: index % 2 === 0 ? 'active' : ['s0'],
        to: 's1',
        after: `${index + 2}d`,
      }))
      return JSON.stringify({ ...parsed, transitions: [...parsed.transitions, ...added] })
    }
    const errors = (text: string): string[] =>
      readDefinition(text, 'a.json')
        .defects.filter(({ severity }) => severity === 'error')
        .map(({ message }) => message)
    expect(errors(more(30))).toEqual([])
    expect(errors(more(31))).toEqual(['after: the stage "s0" has more than 31 rules with after; merge some'])
  })

  it('refuse a definition without signals', () => {
    expect(errorsOf({ signals: 0 })).toContain('no signals: expected at least one, since only a signal can lead out of start')
  })
})
