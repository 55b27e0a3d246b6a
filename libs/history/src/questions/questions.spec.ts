import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { filledHistory } from '../../../../test/fixtures/history/filled-history.ts'
import { PlainHistory } from '../../../../test/fixtures/history/plain-history.ts'
import { HISTORY_BEGIN, type RandomHistory, randomHistory, randomStages } from '../../../../test/fixtures/history/random-history.ts'
import type { HistoryReader } from '../history-reader.ts'
import { periodLengths, periodsOf } from '../periods.ts'
import { breakdownBy, knownTraitNames, knownTraits } from './breakdown.ts'
import { countsBy } from './counts.ts'
import { flowsBy } from './flows.ts'
import { movementsBy } from './movements.ts'
import { countMoves, type Move, movesOf } from './moves.ts'
import { membersAt, type StandingActor, stagesAt } from './stages-at.ts'

const HOUR = 3_600_000
const RUNS = { numRuns: 20 }
const zones = ['UTC', 'Europe/Amsterdam', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe']
const instantArb = fc.integer({ min: -30 * 24, max: 150 * 24 }).map((hours) => HISTORY_BEGIN + hours * HOUR)
/** Some begin before the first transition or end after the last one, or contain none. */
const rangeArb = fc
  .record({ from: instantArb, hours: fc.integer({ min: 1, max: 60 * 24 }), by: fc.constantFrom(...periodLengths), zone: fc.constantFrom(...zones) })
  .map(({ from, hours, by, zone }) => periodsOf({ from, until: from + Math.min(hours, by === 'hour' ? 72 : hours) * HOUR, by, zone }))
const momentArb = fc.record({ at: fc.option(instantArb, { nil: undefined }), knownAt: fc.option(instantArb, { nil: undefined }) })

async function ofRandom({ outputs, traits }: RandomHistory, ask: (reader: HistoryReader, plain: PlainHistory) => Promise<void>): Promise<void> {
  const history = await filledHistory({ outputs, traits })
  try {
    await ask(history, new PlainHistory(outputs))
  } finally {
    await history.close()
  }
}

const tally = (texts: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}

describe('questions to a history with corrections', () => {
  it('count the actors of each stage at any moment, in what was known at any time, as many as the list has', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, fc.array(momentArb, { minLength: 1, maxLength: 5 }), (random, moments) =>
        ofRandom(random, async (reader, plain) => {
          for (const moment of moments) {
            const expected = [...plain.standing(moment).values()]
            const { total, stages } = await stagesAt(reader, moment)
            expect([total, Object.fromEntries(stages)]).toEqual([expected.length, tally(expected.map(({ to }) => to))])
            for (const stage of randomStages) {
              const members = await allMembers(reader, { ...moment, stage })
              const listed = expected.filter(({ to }) => to === stage).map(({ actorId, at }) => ({ type: 'user', id: actorId, since: at }))
              expect(members).toEqual(listed.sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)))
            }
          }
        }),
      ),
      RUNS,
    )
  })

  it('have counts that add up: before + entered - left = after, and after is what the stages have as of the end', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, rangeArb, (random, periods) =>
        ofRandom(random, async (reader, plain) => {
          const counts = await countsBy(reader, { periods, stages: randomStages })
          expect(counts.map(({ from, until }) => ({ from, until }))).toEqual(periods)
          const moves = plain.moves()
          for (const [at, { from, until, total, stages }] of counts.entries()) {
            const inPeriod = moves.filter((move) => move.at >= from && move.at < until)
            const [begin, end] = [from, until].map((instant) => tally([...plain.standing({ at: instant }).values()].map(({ to }) => to)))
            expect([...stages.keys()]).toEqual([...randomStages])
            for (const [stage, change] of stages) {
              expect(change).toEqual({
                before: begin?.[stage] ?? 0,
                entered: inPeriod.filter(({ to }) => to === stage).length,
                left: inPeriod.filter((move) => move.from === stage).length,
                after: end?.[stage] ?? 0,
              })
              expect(change.before + change.entered - change.left).toBe(change.after)
              if (at > 0) expect(change.before).toBe(counts[at - 1]?.stages.get(stage)?.after)
            }
            expect(total).toBe(plain.standing({ at: until }).size)
          }
        }),
      ),
      RUNS,
    )
  })

  it('have flows by period whose sums are the entries and exits, and which open lists of their length', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, rangeArb, (random, periods) =>
        ofRandom(random, async (reader, plain) => {
          const flows = await flowsBy(reader, { periods })
          const moves = plain.moves()
          const keys = periods.flatMap((period) =>
            moves.filter(({ at }) => at >= period.from && at < period.until).map(({ kind, from, to }) => JSON.stringify([period.from, kind, from, to])),
          )
          const found = flows.map(({ period, kind, from, to, transitions }) => [JSON.stringify([period.from, kind, from, to]), transitions])
          expect(Object.fromEntries(found)).toEqual(tally(keys))
          for (const { period, kind, from, to, transitions, actors } of flows.slice(0, 4)) {
            const asked = { kind, from, to, since: period.from, until: period.until }
            const list = await movesOf(reader, { ...asked, limit: 1000 })
            expect([list.length, await countMoves(reader, asked), new Set(list.map(({ id }) => id)).size]).toEqual([transitions, transitions, actors])
          }
        }),
      ),
      RUNS,
    )
  })

  it('have movements whose sums are the stages at the begin and at the end of each period', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, rangeArb, (random, periods) =>
        ofRandom(random, async (reader, plain) => {
          const movements = await movementsBy(reader, { periods, stages: randomStages })
          for (const period of periods) {
            const [begin, end] = [plain.standing({ at: period.from }), plain.standing({ at: period.until })]
            const expected = tally([...end].map(([actorId, { to }]) => `${begin.get(actorId)?.to ?? null} ${to}`))
            const found = movements.filter((movement) => movement.period.from === period.from)
            expect(Object.fromEntries(found.map(({ source, target, actors }) => [`${source} ${target}`, actors]))).toEqual(expected)
            for (const { source, target, actors } of found.slice(0, 3)) {
              const members = await membersAt(reader, { at: period.until, stage: target, source: { stage: source, at: period.from }, limit: 1000 })
              expect([source, target, members.length]).toEqual([source, target, actors])
            }
          }
        }),
      ),
      RUNS,
    )
  })

  it('may be about the actors of one trait value alone, and the values together have everybody', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, momentArb, rangeArb, (random, moment, periods) =>
        ofRandom(random, async (reader, plain) => {
          const countries = new Map(random.traits.map(([actorId, , value]) => [actorId, value]))
          const of = (value: string | null) => [...plain.standing(moment).values()].filter(({ actorId }) => (countries.get(actorId) ?? null) === value)
          const whole = await stagesAt(reader, moment)
          const values = new Set(countries.values()).size
          expect([await knownTraits(reader), await knownTraitNames(reader)]).toEqual(values === 0 ? [[], []] : [[{ name: 'country', values }], ['country']])
          const first = await breakdownBy(reader, { ...moment, trait: 'country', limit: 1 })
          const rest = await breakdownBy(reader, { ...moment, trait: 'country', limit: 10, after: first.items[0] })
          const items = [...first.items, ...(first.items.length === 0 ? [] : rest.items)]
          expect([first.total, first.values, items.length]).toEqual([
            whole.total,
            new Set([...plain.standing(moment).keys()].map((id) => countries.get(id))).size,
            first.values,
          ])
          for (const { value, total, stages } of items) {
            expect([total, Object.fromEntries(stages)]).toEqual([of(value).length, tally(of(value).map(({ to }) => to))])
            const where = [{ trait: 'country', value }]
            expect(await stagesAt(reader, { ...moment, where })).toEqual({ total, stages: new Map([...stages].sort()) })
            const counts = await countsBy(reader, { periods, stages: randomStages, where })
            expect(counts.at(-1)?.total).toBe((await stagesAt(reader, { at: periods.at(-1)?.until, where })).total)
          }
        }),
      ),
      RUNS,
    )
  })

  it('give lists part by part, each row once', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, (random) =>
        ofRandom(random, async (reader, plain) => {
          const listed: Move[] = []
          for (let part = await movesOf(reader, { limit: 3 }); part.length > 0; part = await movesOf(reader, { limit: 3, after: listed.at(-1) }))
            listed.push(...part)
          const expected = plain.moves().sort((a, b) => b.noticedAt - a.noticedAt || (a.actorId < b.actorId ? -1 : a.actorId > b.actorId ? 1 : a.seq - b.seq))
          expect(listed.map(({ id, seq }) => [id, seq])).toEqual(expected.map(({ actorId, seq }) => [actorId, seq]))
        }),
      ),
      RUNS,
    )
  })
})

async function allMembers(reader: HistoryReader, question: { stage: string; at?: number | undefined; knownAt?: number | undefined }): Promise<StandingActor[]> {
  const members: StandingActor[] = []
  for (;;) {
    const part = await membersAt(reader, { ...question, limit: 2, after: members.at(-1) })
    members.push(...part)
    if (part.length < 2) return members
  }
}
