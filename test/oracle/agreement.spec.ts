import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { activityEventSchema, controlRecordSchema, cycleDefinitionSchema, type LateRecord, type Output } from '#contracts'
import { agree, agreeInBothOrders, effective, type RunFold } from './agreement.ts'
import { event, HOUR, opened, tick } from './example.ts'
import { FeatureShares, requiredFeatures } from './feature.ts'
import { caseArb, generators, twoOrdersArb } from './generate.ts'
import { oracle } from './oracle.ts'
import { publishing } from './publishing.ts'

const DAY = 24 * HOUR
/** Fixed, so that these properties see the same cases in each run; the comparison with the fold draws new cases. */
const seed = 20_260_101

describe('generated cases', () => {
  it.each(['first', 'all'] as const)('are valid definitions and records, with the %s kinds of measures', (kinds) => {
    fc.assert(
      fc.property(generators(kinds).caseArb, ({ definition, log }) => {
        expect(cycleDefinitionSchema.safeParse(definition).error).toBeUndefined()
        for (const record of log) {
          const schema = 'record' in record ? controlRecordSchema : activityEventSchema
          expect(schema.safeParse(record).error).toBeUndefined()
        }
      }),
      { numRuns: 300, seed },
    )
  })

  it('have each required feature in at least 5 %, and the fold that uses the oracle agrees with the oracle', () => {
    const shares = new FeatureShares()
    fc.assert(
      fc.property(caseArb, (generated) => {
        const { disagreements, features } = agree(generated, publishing)
        shares.add(features)
        expect(disagreements).toEqual([])
      }),
      { numRuns: 700, seed },
    )
    expect(requiredFeatures.filter((feature) => shares.shareOf(feature) < 0.05)).toEqual([])
  })

  it('in two orders of arrival have no late events, the same last T and the same history', () => {
    let moved = 0
    fc.assert(
      fc.property(twoOrdersArb, (generated) => {
        const { definition, log, other } = generated
        expect(new Set(other)).toEqual(new Set(log))
        for (const order of [log, other]) expect(oracle(definition, order).late).toEqual([])
        expect(oracle(definition, other).logTime).toBe(oracle(definition, log).logTime)
        expect(agreeInBothOrders(generated, publishing)).toEqual([])
        if (other.some((record, index) => record !== log[index])) moved += 1
      }),
      { numRuns: 300, seed },
    )
    expect(moved).toBeGreaterThan(100)
  })
})

describe('a disagreement', () => {
  const definition = cycleDefinitionSchema.parse({
    ...{ cycle: 'example', version: 1, actor: 'user', grace: '9d', signals: { a: { event: 'A' } } },
    stages: [
      { id: 'here', kind: 'active', absence: '2d', warning: 0.5 },
      { id: 'away', kind: 'lapsed' },
    ],
    transitions: [
      { id: 'come', from: ['start', 'away'], to: 'here', trigger: 'any' },
      { id: 'go', from: 'here', to: 'away', trigger: 'absence' },
    ],
  })
  // The event of day 2 arrives on day 4. It retracts the absence of day 2, which is followed by a later absence. The last event is late.
  const log = [opened, event(0), tick(4 * DAY), event(2 * DAY, { arrives: 4 * DAY }), tick(20 * DAY), event(DAY, { id: 'old', arrives: 20 * DAY })]

  const disagreementsAfter = (change: (outputs: Output[], late: LateRecord[]) => { outputs?: Output[]; late?: LateRecord[] }): string[] => {
    const fold: RunFold = (...input) => {
      const right = publishing(...input)
      return { ...right, ...change([...right.outputs], [...right.late]) }
    }
    return agree({ definition, log }, fold).disagreements
  }
  const disagreementsAt = (index: number, change: Partial<Output>) =>
    disagreementsAfter((outputs) => ({ outputs: outputs.with(index, { ...(outputs[index] as Output), ...change }) }))

  it('is not reported for equal outputs and late records', () => {
    expect(disagreementsAfter(() => ({}))).toEqual([])
    const kinds = ['advance', 'notice', 'disengage', 'retraction', 'notice', 'disengage']
    expect(publishing(definition, log).outputs.map(({ kind }) => kind)).toEqual(kinds)
    expect([...effective(publishing(definition, log).outputs).values()].flat().map(({ kind }) => kind)).toEqual(['advance', 'notice', 'notice', 'disengage'])
  })

  it.each<[string, Partial<Output>, number]>([
    ['kind', { kind: 'regress' }, 0],
    ['from', { from: 'away' }, 0],
    ['to', { to: 'away' }, 0],
    ['rule', { rule: 'come' }, 1],
    ['time', { at: '2026-01-01T00:00:00.001Z' }, 0],
    ['seq', { seq: 7 }, 1],
    ['dwell time', { dwellMs: 1 }, 1],
    ['noticedAt', { noticedAt: '2026-01-01T00:00:00.000Z' }, 2],
    ['retracted output', { retracts: 'one 2' }, 3],
    ['retracted time', { at: '2026-01-02T00:00:00.000Z' }, 3],
    ['corrects that is not an output', { corrects: 'nothing' }, 4],
    ['because that is not an event', { because: 'nothing' }, 3],
    ['id, which an earlier output has,', { id: 'one 1' }, 5],
  ])('is reported if an output has another %s', (_, change, index) => {
    expect(disagreementsAt(index, change)).not.toEqual([])
  })

  it('is reported if outputs are missing, repeated or in another order', () => {
    expect(disagreementsAfter((outputs) => ({ outputs: outputs.slice(0, -1) }))).not.toEqual([])
    expect(disagreementsAfter((outputs) => ({ outputs: [...outputs, outputs[0] as Output] }))).not.toEqual([])
    expect(disagreementsAfter((outputs) => ({ outputs: outputs.toReversed() }))).not.toEqual([])
    expect(disagreementsAfter(() => ({ outputs: [] }))).not.toEqual([])
  })

  it('is reported if late records differ', () => {
    expect(disagreementsAfter(() => ({ late: [] }))).not.toEqual([])
    expect(disagreementsAfter((_, late) => ({ late: late.map((record) => ({ ...record, reason: 'bound' as const })) }))).not.toEqual([])
    expect(disagreementsAfter((_, late) => ({ late: late.map((record) => ({ ...record, logTime: null })) }))).not.toEqual([])
  })
})
