import { describe, expect, it } from '@jest/globals'
import { readDefinition } from '../read-definition.ts'

const valid = {
  cycle: 'example',
  version: 1,
  actor: 'user',
  stages: [{ id: 'here', kind: 'active' }],
  signals: { visit: { event: 'Visit' } },
  transitions: [{ id: 'came', from: 'start', to: 'here', trigger: 'any' }],
}

/** Errors of a scenario: paths within it, and messages. */
function errorsOf(given: readonly object[], then: readonly object[], changes: object = {}): string[] {
  const scenarios = [{ title: 'x', given, then }]
  const { defects } = readDefinition(JSON.stringify({ ...valid, scenarios, ...changes }), 'a.json')
  const errors = defects.filter(({ severity, path }) => severity === 'error' && path.startsWith('scenarios[0].'))
  return errors.map(({ path, message }) => `${path.slice('scenarios[0].'.length)} ${message}`)
}

const NOON = '2026-01-01T12:00:00Z'
const TIME = 'expected an ISO 8601 time with a zone, such as 2026-01-31T12:00:00Z'

describe('a scenario', () => {
  it('accepts events that are at most five minutes ahead of their arrival', () => {
    const visit = (arrives?: string) => ({ at: NOON, event: 'Visit', arrives })
    expect(errorsOf([visit(), visit('2026-01-01T11:55:00Z'), visit('2026-01-02T00:00:00Z')], [])).toEqual([])
    expect(errorsOf([visit('2026-01-01T11:54:59.999Z')], [])).toEqual([
      'given[0].arrives arrives: 2026-01-01T11:54:59.999Z is more than 5 min before the event happened; such an event is refused',
    ])
    expect(errorsOf([visit(), visit('soon')], [])).toEqual([`given[1].arrives arrives: ${TIME}, got "soon"`])
    expect(
      errorsOf(
        [
          { at: 'now', event: 'Visit', arrives: NOON },
          { at: 'then', tick: true },
        ],
        [],
      ),
    ).toEqual([`given[0].at at: ${TIME}, got "now"`, `given[1].at at: ${TIME}, got "then"`])
  })

  it('accepts only known stages and rules in then', () => {
    expect(errorsOf([], [{ at: NOON, from: 'start', to: 'here', rule: 'came' }])).toEqual([])
    expect(errorsOf([], [{ at: 'noon', from: 'strat', to: 'heer', rule: 'xyz' }])).toEqual([
      `then[0].at at: ${TIME}, got "noon"`,
      'then[0].from from: there is no stage "strat"; did you mean "start"?',
      'then[0].to to: there is no stage "heer"; did you mean "here"?',
      'then[0].rule rule: there is no rule "xyz"; rules are came',
    ])
    expect(
      errorsOf(
        [],
        [
          { at: NOON, to: 'start' },
          { at: NOON, from: 'xyz' },
        ],
      ),
    ).toEqual(['then[0].to to: there is no stage "start"; stages are here', 'then[1].from from: there is no stage "xyz"; stages are here, start'])
  })

  it('has no defect in names if stages or rules are unreadable', () => {
    const then = [{ at: NOON, from: 'one', to: 'two', rule: 'three' }]
    expect(errorsOf([], then, { stages: 5, transitions: 5 })).toEqual([])
    expect(errorsOf([], then, { stages: 5 })).toHaveLength(1)
    expect(errorsOf([], then, { transitions: 5 })).toHaveLength(2)
  })
})
