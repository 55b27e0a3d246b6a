import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { filledHistory } from '../../../../test/fixtures/history/filled-history.ts'
import { type Activity, PlainActivity, periodBefore, randomActivity, randomRange } from '../../../../test/fixtures/history/random-activity.ts'
import { HISTORY_BEGIN } from '../../../../test/fixtures/history/random-history.ts'
import type { HistoryReader } from '../history-reader.ts'
import { type Period, periodsOf } from '../periods.ts'
import { activityBy } from './activity.ts'
import { lifecycleBy } from './lifecycle.ts'
import { retentionBy } from './retention.ts'

const DAY = 86_400_000
const RUNS = { numRuns: 30 }
const asOfArb = fc.integer({ min: 0, max: 150 }).map((day) => HISTORY_BEGIN + day * DAY)

async function ofRandom(active: Activity, logTime: number, ask: (reader: HistoryReader, plain: PlainActivity) => Promise<void>): Promise<void> {
  const history = await filledHistory({ active, logTime, traits: [['actor 1', 'country', 'NL', 0]] })
  try {
    await ask(history, new PlainActivity(active))
  } finally {
    await history.close()
  }
}

const not = (actors: Set<string>, others: Set<string>): number => actors.difference(others).size

describe('activity of actors', () => {
  it('is new, returning, resurrecting or dormant as a plain look at the events says', async () => {
    await fc.assert(
      fc.asyncProperty(randomActivity, randomRange, asOfArb, (active, range, asOf) =>
        ofRandom(active, asOf, async (reader, plain) => {
          const periods = periodsOf(range)
          let before = plain.activeIn(periodBefore(range))
          const expected = periods.map((period) => {
            const [now, first] = [plain.activeIn(period), plain.newIn(period)]
            const returning = now.intersection(before).size
            const counts = { new: first.size, returning, resurrecting: now.size - first.size - returning, dormant: not(before, now) }
            before = now
            return { period, ...counts, complete: period.until <= asOf }
          })
          const answer = await lifecycleBy(reader, { range })
          expect(answer.map(({ shares, quickRatio, ...counts }) => counts)).toEqual(expected)
          for (const { shares, quickRatio, ...count } of answer) {
            const all = count.new + count.returning + count.resurrecting
            expect(shares).toEqual(all === 0 ? null : { new: count.new / all, returning: count.returning / all, resurrecting: count.resurrecting / all })
            expect(quickRatio).toBe(count.dormant === 0 ? null : (count.new + count.resurrecting) / count.dormant)
          }
        }),
      ),
      RUNS,
    )
  })

  it('has on each day as many actors of the last 7 and 30 days as a plain look at the events finds', async () => {
    await fc.assert(
      fc.asyncProperty(randomActivity, randomRange, asOfArb, (active, range, asOf) =>
        ofRandom(active, asOf, async (reader, plain) => {
          const days = periodsOf({ ...range, by: 'day' })
          const begin = (days[0] as Period).from
          const earlier = periodsOf({ ...range, by: 'day', from: begin - 40 * DAY, until: begin })
          const all = [...earlier, ...days]
          const expected = days.map((day, index) => {
            const since = (length: number): Period => ({ from: (all[earlier.length + index - length + 1] as Period).from, until: day.until })
            const [dau, wau, mau] = [1, 7, 30].map((length) => plain.activeIn(since(length)).size) as [number, number, number]
            return { day, dau, wau, mau, complete: day.until <= asOf, stickiness: mau === 0 ? null : dau / mau }
          })
          expect(await activityBy(reader, { range })).toEqual(expected)
        }),
      ),
      RUNS,
    )
  })

  it('has cohorts of those who came first in a period, and of each how many came again', async () => {
    await fc.assert(
      fc.asyncProperty(randomActivity, randomRange, asOfArb, fc.integer({ min: 0, max: 9 }), (active, range, asOf, periods) =>
        ofRandom(active, asOf, async (reader, plain) => {
          const cohorts = periodsOf(range)
          const last = (cohorts.at(-1) as Period).until
          const all = periodsOf({ ...range, until: last + 320 * DAY * (range.by === 'hour' ? 0.01 : 1) })
          const expected = cohorts.map((period, at) => {
            const members = plain.newIn(period)
            const followed = all.slice(at, at + periods + 1)
            return {
              period,
              size: members.size,
              active: followed.filter(({ from }) => from < asOf).map((each) => plain.activeIn(each).intersection(members).size),
              completePeriods: followed.filter(({ until }) => until <= asOf).length,
            }
          })
          expect(await retentionBy(reader, { range, periods })).toEqual(expected)
        }),
      ),
      RUNS,
    )
  })

  it('may be that of the actors of one trait value alone', async () => {
    const active = [0, 1, 2].flatMap((actor) => [0, 1, 35].map((day) => [`actor ${actor}`, HISTORY_BEGIN + (day + actor) * DAY] as const))
    const where = [{ trait: 'country', value: 'NL' }]
    const range = { from: HISTORY_BEGIN, until: HISTORY_BEGIN + 61 * DAY, by: 'month', zone: 'UTC' } as const
    await ofRandom(active, HISTORY_BEGIN + 99 * DAY, async (reader) => {
      const counts = async (filter?: typeof where) =>
        (await lifecycleBy(reader, { range, where: filter })).map((each) => [each.new, each.returning, each.dormant])
      expect([await counts(), await counts(where)]).toEqual([
        [
          [3, 0, 0],
          [0, 3, 0],
        ],
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ])
      expect((await activityBy(reader, { range, where }))[1]).toMatchObject({ dau: 1, wau: 1, mau: 1, stickiness: 1 })
      expect((await retentionBy(reader, { range, periods: 1, where }))[0]).toMatchObject({ size: 1, active: [1, 1], completePeriods: 2 })
      expect((await retentionBy(reader, { range, periods: 1 }))[0]).toMatchObject({ size: 3, active: [3, 3] })
    })
  })
})
