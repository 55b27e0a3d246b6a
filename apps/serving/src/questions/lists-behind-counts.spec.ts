import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Actor, type CycleDefinition, formatInstant, type Output } from '#contracts'
import type { HistoryReader } from '#history'
import { narrationOf, type ReadModels } from '#projections'
import { SimulatedClock } from '#runtime'
import { filledHistory } from '../../../../test/fixtures/history/filled-history.ts'
import { HISTORY_BEGIN, type RandomHistory, randomHistory, randomStages } from '../../../../test/fixtures/history/random-history.ts'
import { StageMembers } from '../cycles/stage-members.ts'
import { StageTable } from '../cycles/stage-table.ts'
import type { AskedHistory } from './asked-history.ts'
import { countsIn } from './period-counts.ts'
import { flowsIn, movementsIn } from './period-flows.ts'
import { atRiskIn } from './risk-list.ts'
import { membersIn, stagesIn } from './standing-actors.ts'
import { breakdownIn } from './trait-breakdown.ts'
import { leftIn, transitionsIn } from './transition-list.ts'

const HOUR = 3_600_000
const definition = {
  cycle: 'test',
  version: 1,
  actor: 'user',
  stages: randomStages.map((id) => ({ id, kind: 'active' })),
  transitions: [],
} as unknown as CycleDefinition

/** Read models that have the histories of actors alone. */
const modelsOf = (outputs: readonly Output[]) => ({
  history: async ({ id }: Actor, { before = Number.POSITIVE_INFINITY, limit }: { before?: number; limit: number }) =>
    outputs
      .filter(({ actor, seq }) => actor.id === id && seq < before)
      .map((output) => ({ cursor: output.seq, output, retracted: false }))
      .reverse()
      .slice(0, limit),
})

function cycleOf(outputs: readonly Output[], history: HistoryReader) {
  const clock = new SimulatedClock(HISTORY_BEGIN)
  const narration = narrationOf(definition)
  const models = modelsOf(outputs)
  const asked: AskedHistory = { definition, narration, history, models, clock }
  const present = models as unknown as ReadModels
  const table = new StageTable(definition, narration, { models: present, clock } as ConstructorParameters<typeof StageTable>[2])
  return { asked, table, members: new StageMembers(definition, present, clock), flows: undefined as never }
}
type Cycle = ReturnType<typeof cycleOf>

async function ofRandom({ outputs, traits }: RandomHistory, ask: (cycle: Cycle) => Promise<void>): Promise<void> {
  const history = await filledHistory({ outputs, traits })
  try {
    await ask(cycleOf(outputs, history))
  } finally {
    await history.close()
  }
}

/** A query as it comes from HTTP. */
type Query = Readonly<Record<string, string | undefined>>
const written = (query: Query): object => JSON.parse(JSON.stringify(query)) as object

/** All items of a list, two at a time. */
async function listed<Item>(page: (query: object) => Promise<{ items: Item[]; next: string | null }>, query: Query): Promise<Item[]> {
  const items: Item[] = []
  for (let after: string | undefined; ; ) {
    const { items: more, next } = await page(written({ ...query, limit: '2', after }))
    items.push(...more)
    if (next === null) return items
    after = next
  }
}

const timeArb = fc.integer({ min: 0, max: 100 * 24 }).map((hours) => formatInstant(HISTORY_BEGIN + hours * HOUR))
const rangeArb = fc
  .record({ begin: fc.integer({ min: 0, max: 60 * 24 }), hours: fc.integer({ min: 1, max: 30 * 24 }), by: fc.constantFrom('day', 'week', 'month') })
  .map(({ begin, hours, by }) => ({
    from: formatInstant(HISTORY_BEGIN + begin * HOUR),
    until: formatInstant(HISTORY_BEGIN + (begin + hours) * HOUR),
    by,
    zone: 'Europe/Amsterdam',
  }))
const whereArb = fc.constantFrom(undefined, 'country:NL', '!country')
const RUNS = { numRuns: 15 }

describe('each count opens a list of its length', () => {
  it('the counts of stages at any moment, and of the values of a trait', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, timeArb, fc.option(timeArb, { nil: undefined }), (random, at, knownAt) =>
        ofRandom(random, async (cycle) => {
          const moment = { at, 'known-at': knownAt }
          const members = (stage: string, query: Query) => listed((page) => membersIn(cycle, stage, page), query)
          const { stages, total } = await stagesIn(cycle, written(moment)).catch(refusedMoment)
          for (const { id, actors } of stages) expect([id, actors]).toEqual([id, actors === 0 ? 0 : (await members(id, moment)).length])
          if (total === 0 || random.traits.length === 0) return
          const values = await listed((page) => breakdownIn(cycle.asked, page), { ...moment, trait: 'country' })
          expect(values.reduce((sum, item) => sum + item.total, 0)).toBe(total)
          for (const { value, stages: counts } of values)
            for (const [stage, actors] of Object.entries(counts))
              expect((await members(stage, { ...moment, where: value === null ? '!country' : `country:${value}` })).length).toBe(actors)
        }),
      ),
      RUNS,
    )
  })

  it('who was in a stage when a period began and ended, who entered and left it', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, rangeArb, whereArb, (random, range, filter) =>
        ofRandom(random, async (cycle) => {
          const where = random.traits.length === 0 ? undefined : filter
          const { items } = await countsIn(cycle.asked, written({ ...range, where }))
          for (const { from, until, stages } of items.slice(0, 3)) {
            for (const [stage, { before, entered, left, after }] of Object.entries(stages)) {
              const standing = async (at: string, count: number) =>
                count === 0 ? 0 : (await listed((page) => membersIn(cycle, stage, page), { at, where })).length
              const moved = async (query: Query) => (await listed((page) => transitionsIn(cycle.asked, page), { from, until, where, ...query })).length
              expect([await standing(from, before), await moved({ target: stage }), await moved({ source: stage }), await standing(until, after)]).toEqual([
                before,
                entered,
                left,
                after,
              ])
            }
          }
        }),
      ),
      RUNS,
    )
  })

  it('flows and movements', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, rangeArb, (random, range) =>
        ofRandom(random, async (cycle) => {
          const answer = await flowsIn(cycle, written(range))
          for (const item of answer.items.slice(0, 4)) {
            const { period, kind, from: source, to: target, transitions, actors } = item as Extract<typeof item, { period: string }>
            const until = untilOf(period, await countsIn(cycle.asked, written(range)))
            const list = await listed((page) => transitionsIn(cycle.asked, page), { from: period, until, kind, source, target })
            expect([list.length, new Set(list.map(({ actor }) => actor.id)).size]).toEqual([transitions, actors])
          }
          const movements = await movementsIn(cycle.asked, written(range))
          for (const { from, until, source, target, actors } of movements.items.slice(0, 6)) {
            const query = { at: until, source: source ?? 'start', 'source-at': from }
            expect((await listed((page) => membersIn(cycle, target, page), query)).length).toBe(actors)
          }
        }),
      ),
      RUNS,
    )
  })

  it('who left, and who is at risk', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, (random) =>
        ofRandom(random, async (cycle) => {
          const left = await listed((page) => leftIn(cycle.asked, page), {})
          expect(left.length).toBe((await leftIn(cycle.asked, {})).total)
          expect(left.every(({ kind, reason }) => kind === 'disengage' && reason !== null)).toBe(true)
          const atRisk = await listed((page) => atRiskIn(cycle.asked, page), {})
          expect([atRisk.length, new Set(atRisk.map(({ actor }) => actor.id)).size]).toEqual(Array(2).fill((await atRiskIn(cycle.asked, {})).total))
        }),
      ),
      RUNS,
    )
  })
})

/** A moment before everything is refused. */
function refusedMoment(failure: { code?: string }) {
  expect(failure.code).toBe('RONDO_ARGUMENT_INVALID')
  return { stages: [], total: 0 }
}

const untilOf = (from: string, { items }: { items: { from: string; until: string }[] }) => items.find((item) => item.from === from)?.until
