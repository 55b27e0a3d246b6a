import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { filledHistory } from '../../../../test/fixtures/history/filled-history.ts'
import { type PlainExit, PlainHistory, type PlainStay } from '../../../../test/fixtures/history/plain-history.ts'
import { HISTORY_BEGIN, type RandomHistory, randomHistory, randomStages } from '../../../../test/fixtures/history/random-history.ts'
import { curveOf } from '../../../../test/statistics/durations.ts'
import type { HistoryReader } from '../history-reader.ts'
import { dwellBy } from './dwell.ts'
import { returnsBy } from './returns.ts'
import { survivalOf } from './survival.ts'

const DAY = 86_400_000
const RUNS = { numRuns: 40 }
const dayArb = fc.integer({ min: -10, max: 160 }).map((day) => HISTORY_BEGIN + day * DAY)
const fromArb = fc.integer({ min: -10, max: 40 }).map((day) => HISTORY_BEGIN + day * DAY)
/** Some begin before the first stay or end after the last one, or contain none. */
const askedArb = fc.record({ from: fromArb, days: fc.integer({ min: 1, max: 150 }), asOf: dayArb, isOfSome: fc.boolean() })

interface Asked {
  readonly reader: HistoryReader
  readonly plain: PlainHistory
  readonly asOf: number
  /** Of the range, and of the actors that are asked about. */
  readonly question: { from: number; until: number; where?: { trait: string; value: string }[] }
  readonly isAsked: (actorId: string, at: number) => boolean
}

async function ofRandom(
  { outputs, traits }: RandomHistory,
  { from, days, asOf, isOfSome }: { from: number; days: number; asOf: number; isOfSome: boolean },
  ask: (asked: Asked) => Promise<void>,
): Promise<void> {
  const history = await filledHistory({ outputs, traits, logTime: asOf })
  const until = from + days * DAY
  const countries = new Map(traits.map(([actorId, , value]) => [actorId, value]))
  try {
    await ask({
      reader: history,
      plain: new PlainHistory(outputs),
      asOf,
      question: { from, until, ...(isOfSome && { where: [{ trait: 'country', value: 'NL' }] }) },
      isAsked: (actorId, at) => at >= from && at < until && (!isOfSome || countries.get(actorId) === 'NL'),
    })
  } finally {
    await history.close()
  }
}

/** A duration, and the stage in which it ended; undefined: it was not seen to end. */
interface Lasted {
  readonly ms: number
  readonly to?: string | undefined
}

const stayed = ({ enteredAt, exit }: PlainStay, asOf: number): Lasted => {
  if (exit === undefined) return { ms: Math.max(0, asOf - enteredAt) }
  return { ms: exit.at - enteredAt, to: exit.kind === 'definition-change' ? undefined : exit.to }
}

/** The curve that lifelines has for these durations (test/statistics). */
const curveOfLasted = (durations: readonly Lasted[], ways: readonly string[]) =>
  curveOf({ ms: durations.map(({ ms }) => ms), ways: durations.map(({ to }) => (to === undefined ? 0 : 1 + ways.indexOf(to))) }, ways.length)

/** How a duration ends: with the first exit that ends it, unless the definition changes before that. */
function endOf(stays: readonly PlainStay[], { since, asOf, ends }: { since: number; asOf: number; ends: (exit: PlainExit) => boolean }): Lasted {
  const exit = stays.flatMap((stay) => stay.exit ?? []).find((each) => each.kind === 'definition-change' || ends(each))
  if (exit === undefined) return { ms: Math.max(0, asOf - since) }
  return { ms: exit.at - since, to: exit.kind === 'definition-change' ? undefined : 'end' }
}

describe('questions about how long something lasts, to a history with corrections', () => {
  it('have the stays of each stage, their quantiles with running ones, and where they led', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, askedArb, (random, asked) =>
        ofRandom(random, asked, async ({ reader, plain, asOf, question, isAsked }) => {
          const answer = await dwellBy(reader, { ...question, stages: randomStages })
          expect(answer.map(({ stage }) => stage)).toEqual([...randomStages])
          for (const { stage, stays, running, next, ...quantiles } of answer) {
            const expected = plain.stays().filter((stay) => stay.stage === stage && isAsked(stay.actorId, stay.enteredAt))
            const ended = expected.flatMap(({ exit }) => exit ?? [])
            expect([stays, running]).toEqual([expected.length, expected.length - ended.length])
            expect(quantiles).toEqual(
              curveOfLasted(
                expected.map((stay) => stayed(stay, asOf)),
                randomStages,
              ).quantiles,
            )
            const ways = Map.groupBy(ended, ({ kind, to }) => `${kind} ${to}`)
            expect(new Map(next.map((way) => [`${way.kind} ${way.to}`, way.stays]))).toEqual(new Map([...ways].map(([way, { length }]) => [way, length])))
            expect(next.map((way) => way.stays)).toEqual(next.map((way) => way.stays).sort((a, b) => b - a))
            for (const way of next) expect(way.share).toBe(way.stays / ended.length)
          }
        }),
      ),
      RUNS,
    )
  })

  it('have the curve of a stage, with the incidence of each way out of it', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, askedArb, (random, asked) =>
        ofRandom(random, asked, async ({ reader, plain, asOf, question, isAsked }) => {
          for (const stage of randomStages) {
            const durations = plain.stays().filter((stay) => stay.stage === stage && isAsked(stay.actorId, stay.enteredAt))
            const lasted = durations.map((stay) => stayed(stay, asOf))
            const ways = [...new Set(lasted.flatMap(({ to }) => to ?? []))].sort()
            expect(await survivalOf(reader, { ...question, stage })).toEqual({ ways, curve: curveOfLasted(lasted, ways) })
          }
        }),
      ),
      RUNS,
    )
  })

  it('have the curve of the time from one stage to another, whatever is between them', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, askedArb, fc.constantFrom(...randomStages), fc.constantFrom(...randomStages), (random, asked, stage, to) =>
        ofRandom(random, asked, async ({ reader, plain, asOf, question, isAsked }) => {
          const all = plain.stays()
          const lasted = all
            .filter((stay) => stay.stage === stage && isAsked(stay.actorId, stay.enteredAt))
            .map(({ actorId, seq, enteredAt }) => {
              const from = all.filter((stay) => stay.actorId === actorId && stay.seq >= seq)
              return endOf(from, { since: enteredAt, asOf, ends: (exit) => exit.to === to })
            })
          expect(await survivalOf(reader, { ...question, stage, to })).toEqual({ ways: [to], curve: curveOfLasted(lasted, ['end']) })
        }),
      ),
      RUNS,
    )
  })

  it('have the time until actors that left returned, by cause, each absence once', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory, askedArb, (random, asked) =>
        ofRandom(random, asked, async ({ reader, plain, asOf, question, isAsked }) => {
          const all = plain.stays()
          const left = all.filter(({ actorId, stage, exit }) => stage !== 'away' && exit?.kind === 'disengage' && isAsked(actorId, exit.at))
          const expected = [...Map.groupBy(left, ({ exit }) => exit?.cause ?? '')].map(([cause, stays]) => {
            const lasted = stays.map(({ actorId, seq, exit }) => {
              const later = all.filter((stay) => stay.actorId === actorId && stay.seq > seq && stay.stage === 'away')
              return { ...endOf(later, { since: exit?.at ?? 0, asOf, ends: ({ kind }) => kind === 'return' }), later }
            })
            const isOver = ({ later }: { later: readonly PlainStay[] }): boolean =>
              later.some(({ exit }) => exit?.kind === 'return' || exit?.kind === 'definition-change')
            return {
              cause,
              left: stays.length,
              returned: lasted.filter((each) => each.to !== undefined).length,
              away: lasted.filter((each) => !isOver(each)).length,
              curve: curveOfLasted(lasted, ['end']),
            }
          })
          expected.sort((a, b) => b.left - a.left || (a.cause < b.cause ? -1 : 1))
          expect(await returnsBy(reader, { ...question, lapsed: ['away'] })).toEqual(expected)
        }),
      ),
      RUNS,
    )
  })

  it('have no durations before history is complete to any time, and none of a stage that nobody was in', async () => {
    const history = await filledHistory({})
    const question = { from: 0, until: DAY }
    expect((await survivalOf(history, { ...question, stage: 'here' })).curve).toMatchObject({ subjects: 0, points: [] })
    expect((await survivalOf(history, { ...question, stage: 'here', to: 'away' })).curve).toMatchObject({ subjects: 0, points: [] })
    expect(await returnsBy(history, { ...question, lapsed: [] })).toEqual([])
    expect(await dwellBy(history, { ...question, stages: ['here'] })).toMatchObject([{ stage: 'here', stays: 0, running: 0, median: null, next: [] }])
    await history.close()
  })
})
