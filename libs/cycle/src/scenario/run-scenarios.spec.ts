import { describe, expect, it } from '@jest/globals'
import type { Scenario } from '#contracts'
import { readDefinition } from '../definition/read-definition.ts'
import { runScenarios, type ScenarioResult } from './run-scenarios.ts'

const HERE_OR_AWAY = {
  cycle: 'presence',
  version: 1,
  actor: 'user',
  grace: '10d',
  stages: [
    { id: 'here', kind: 'active', absence: '30d', warning: 0.5 },
    { id: 'away', kind: 'lapsed' },
  ],
  signals: { visit: { event: 'Visit' } },
  transitions: [
    { id: 'came', from: ['start', 'away'], to: 'here', trigger: 'visit' },
    { id: 'left', from: 'here', to: 'away', trigger: 'absence' },
  ],
}

function run(given: Scenario['given'], then: Scenario['then'], changes: object = {}): ScenarioResult {
  const text = JSON.stringify({ ...HERE_OR_AWAY, ...changes, scenarios: [{ title: 'it', given, then }] })
  const { definition, defects } = readDefinition(text, 'cycle.json')
  if (definition === undefined) throw new Error(JSON.stringify(defects))
  const [result] = runScenarios(definition)
  return result as ScenarioResult
}

const visit = (at: string, arrives?: string) => ({
  at: `${at}T00:00:00Z`,
  event: 'Visit',
  ...(arrives === undefined ? {} : { arrives: `${arrives}T00:00:00Z` }),
})
const tick = (at: string) => ({ at, tick: true as const })
const line = (at: string, rest: object = {}) => ({ at: `${at}T00:00:00Z`, ...rest })

describe('a scenario', () => {
  it('passes if its then is the complete history', () => {
    const then = [line('2026-01-01', { from: 'start', to: 'here', rule: 'came', cause: 'visit' }), line('2026-01-31', { to: 'away', cause: 'absence' })]
    expect(run([visit('2026-01-01'), tick('2026-02-01T00:00:00Z')], then)).toEqual({ title: 'it', passed: true, differences: [] })
  })

  it('passes if given and then are empty', () => {
    expect(run([], []).passed).toBe(true)
  })

  it('has the output of a deadline only when log time is strictly later', () => {
    const then = [line('2026-01-01')]
    expect(run([visit('2026-01-01'), tick('2026-01-31T00:00:00Z')], then).passed).toBe(true)
    expect(run([visit('2026-01-01'), tick('2026-01-31T00:00:00.001Z')], then).passed).toBe(false)
  })

  it('reports lines that differ, lines that are missing and outputs that are not expected', () => {
    const given = [visit('2026-01-01'), tick('2026-02-01T00:00:00Z')]
    expect(run(given, [line('2026-01-01'), line('2026-01-31', { to: 'here', rule: 'left' })]).differences).toEqual([
      'then 2: expected 2026-01-31T00:00:00.000Z to here (rule left), but 2026-01-31T00:00:00.000Z from here to away (rule left, cause absence) happened',
    ])
    expect(run([visit('2026-01-01')], [line('2026-01-01'), line('2026-01-31', { to: 'away' })]).differences).toEqual([
      'then 2: expected 2026-01-31T00:00:00.000Z to away, but nothing more happened',
    ])
    expect(run(given, [line('2026-01-01')]).differences).toEqual([
      'after the last line of then: expected nothing more, but 2026-01-31T00:00:00.000Z from here to away (rule left, cause absence) happened',
    ])
  })

  it.each(['at', 'to', 'from', 'rule', 'cause'] as const)('fails if only %s differs', (key) => {
    const right = { at: '2026-01-01T00:00:00Z', to: 'here', from: 'start', rule: 'came', cause: 'visit' }
    const wrong = { at: '2026-01-02T00:00:00Z', to: 'away', from: 'away', rule: 'left', cause: 'absence' }
    expect(run([visit('2026-01-01')], [right]).passed).toBe(true)
    expect(run([visit('2026-01-01')], [{ ...right, [key]: wrong[key] }]).passed).toBe(false)
  })

  it('is compared with the history after corrections', () => {
    const given = [visit('2026-01-01'), tick('2026-02-05T00:00:00Z'), visit('2026-01-30', '2026-02-05')]
    expect(run(given, [line('2026-01-01', { to: 'here' })])).toMatchObject({ passed: true })
  })

  it('moves log time to the arrival of each event', () => {
    const given = [visit('2026-01-01'), visit('2026-01-02', '2026-01-03'), visit('2026-02-03', '2026-02-10')]
    const then = [line('2026-01-01', { to: 'here' }), line('2026-02-01', { to: 'away' }), line('2026-02-03', { to: 'here' })]
    expect(run(given, then)).toMatchObject({ passed: true })
  })

  it('reports an event that arrived too late', () => {
    const given = [visit('2026-01-01'), tick('2026-02-20T00:00:00Z'), visit('2026-01-30', '2026-02-20')]
    expect(run(given, [line('2026-01-01')]).differences.at(-1)).toBe(
      'given 3 (Visit at 2026-01-30T00:00:00Z) had no effect: it arrived later than grace allows',
    )
  })

  it('compares notices only if then names one', () => {
    const given = [visit('2026-01-01'), tick('2026-01-20T00:00:00Z')]
    expect(run(given, [line('2026-01-01')]).passed).toBe(true)
    expect(run(given, [line('2026-01-01'), line('2026-01-16', { to: 'here', notice: true })]).passed).toBe(true)
    expect(run(given, [line('2026-01-01'), line('2026-01-16', { to: 'here' })]).passed).toBe(false)
  })

  it('calls notices notices in its differences', () => {
    const given = [visit('2026-01-01'), tick('2026-01-20T00:00:00Z')]
    const happened = 'but 2026-01-16T00:00:00.000Z a notice here (rule left, cause absence) happened'
    expect(run(given, [line('2026-01-01'), line('2026-01-17', { to: 'here', notice: true })]).differences).toEqual([
      `then 2: expected 2026-01-17T00:00:00.000Z a notice here, ${happened}`,
    ])
    expect(run(given, [line('2026-01-01'), line('2026-01-17', { from: 'here', rule: 'left', notice: true })]).differences).toEqual([
      `then 2: expected 2026-01-17T00:00:00.000Z a notice here (rule left), ${happened}`,
    ])
    expect(run(given, [line('2026-01-01', { notice: true })]).differences).toHaveLength(2)
  })

  it('applies events of one instant in the order of given, also more than nine', () => {
    const many = Array.from({ length: 11 }, (_, index) => ({ ...visit('2026-01-01'), properties: { n: index + 1 } }))
    const changes = {
      grace: '0s',
      measures: { n: { last: 'visit', of: 'properties.n' } },
      transitions: [
        { id: 'came', from: 'start', to: 'here', trigger: 'visit' },
        { id: 'left', from: 'here', to: 'away', trigger: 'absence', when: { n: 11 } },
        { id: 'stayed', from: 'away', to: 'here', trigger: 'visit' },
      ],
    }
    expect(run([...many, tick('2026-03-01T00:00:00Z')], [line('2026-01-01'), line('2026-01-31', { to: 'away' })], changes)).toMatchObject({ passed: true })
  })
})
