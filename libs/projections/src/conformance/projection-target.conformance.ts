import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Output } from '#contracts'
import type { FeedBatch, ProjectionTarget } from '../projection-target.ts'
import type { ReadModels } from '../read-models.ts'
import { expectModels } from './expected-models.ts'
import { type Choice, choice, FeedMaker } from './feed-maker.ts'

/** A target under test, empty when it is created, and the read models that it feeds. One partition. */
export interface TargetFixture {
  readonly target: ProjectionTarget
  readonly models: ReadModels
  dispose(): Promise<void>
}

/** Actor number 0, or the given one, moves to a stage. */
const to = (stage: string, actor = 0): Choice => ({ what: 'transition', actor, stage, at: 0, kind: 'advance' })
/** The newest output of actor number 0 is retracted. */
const back: Choice = { ...to(''), what: 'retraction' }

/** The cursor after so many outputs. Cursors have gaps, as in Kafka. */
const cursorAfter = (outputs: number): number => 3 * outputs
/** The outputs with the numbers `from` (included) to `until` (not included) as a batch. */
const batchOf = (feed: readonly Output[], { from, until }: { from: number; until: number }): FeedBatch => ({
  position: cursorAfter(until),
  outputs: feed.slice(from, until),
  logTime: until,
})

/** The tests of every adapter that applies the feed, in addition to {@link describeReadModels}. */
export function describeProjectionTarget(name: string, factory: () => Promise<TargetFixture>, numRuns: number): void {
  describe(`the projection target in ${name}`, () => {
    let fixture: TargetFixture
    beforeEach(async () => {
      fixture = await factory()
    })
    afterEach(() => fixture.dispose())

    it('gives the same read models for batches of any size, also if batches are repeated, in another order or on an older base', async () => {
      const split = fc.array(fc.record({ length: fc.nat({ max: 6 }), disturbance: fc.nat({ max: 40 }) }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(fc.array(choice, { maxLength: 30 }), split, async (choices, parts) => {
          const own = await factory()
          const maker = new FeedMaker()
          const feed = choices.flatMap((next) => maker.next(next))
          let done = 0
          for (const { length, disturbance } of [...parts, { length: feed.length, disturbance: 0 }]) {
            const next = Math.min(feed.length, done + length)
            expect(await own.target.apply(0, cursorAfter(done), batchOf(feed, { from: done, until: next }))).toBe('applied')
            done = next
            const base = Math.min(feed.length, disturbance)
            if (base !== done)
              expect(await own.target.apply(0, cursorAfter(base), batchOf(feed, { from: base, until: feed.length }))).toEqual({ position: cursorAfter(done) })
          }
          await expectModels(own.models, maker.feed)
          await own.dispose()
        }),
        { numRuns },
      )
    })

    it('answers with the stored position, and changes nothing, if a batch is repeated, has an older base, or leaves a gap', async () => {
      const { target, models } = fixture
      const maker = new FeedMaker()
      const feed = [to('new'), to('fan'), to('new', 1)].flatMap((next) => maker.next(next))
      expect(await target.position(0)).toBe(0)
      expect(await target.apply(0, 0, { position: 0, outputs: [], logTime: Number.NEGATIVE_INFINITY })).toBe('applied')
      expect(await target.apply(0, cursorAfter(1), batchOf(feed, { from: 1, until: 2 }))).toEqual({ position: 0 })
      expect((await models.stageCounts()).total).toBe(0)
      expect(await target.apply(0, 0, batchOf(feed, { from: 0, until: 2 }))).toBe('applied')
      expect(await target.apply(0, 0, batchOf(feed, { from: 0, until: 2 }))).toEqual({ position: cursorAfter(2) })
      expect(await target.apply(0, 0, batchOf(feed, { from: 0, until: 3 }))).toEqual({ position: cursorAfter(2) })
      expect(await target.apply(0, cursorAfter(3), { ...batchOf(feed, { from: 3, until: 3 }), logTime: 99 })).toEqual({ position: cursorAfter(2) })
      expect(await target.position(0)).toBe(cursorAfter(2))
      expect((await models.stageCounts()).asOf).toBe(2)
      expect(await target.apply(0, cursorAfter(2), batchOf(feed, { from: 2, until: 3 }))).toBe('applied')
      await expectModels(models, maker.feed)
    })

    it('keeps the log time if a batch has none, and never lets it fall', async () => {
      const { target, models } = fixture
      const timed = async (logTime: number | undefined) => {
        expect(await target.apply(0, 0, { position: 0, outputs: [], logTime })).toBe('applied')
        return (await models.stageCounts()).asOf
      }
      expect(await timed(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY)
      expect(await timed(undefined)).toBe(Number.NEGATIVE_INFINITY)
      expect(await timed(-5)).toBe(-5)
      expect(await timed(7)).toBe(7)
      expect(await timed(6)).toBe(7)
      expect(await timed(undefined)).toBe(7)
    })

    it('skips outputs of an actor that it has applied', async () => {
      const { target, models } = fixture
      const maker = new FeedMaker()
      const feed = [to('new'), to('fan'), to('away')].flatMap((next) => maker.next(next))
      await target.apply(0, 0, batchOf(feed, { from: 0, until: 2 }))
      expect(await target.apply(0, cursorAfter(2), { position: 100, outputs: feed, logTime: 3 })).toBe('applied')
      await expectModels(models, maker.feed)
    })

    it('refuses a whole batch that has a gap in an actor, or retracts an output that is not the newest in effect', async () => {
      const { target, models } = fixture
      const maker = new FeedMaker()
      const first = [to('new'), to('fan')].flatMap((next) => maker.next(next))
      await target.apply(0, 0, batchOf(first, { from: 0, until: 2 }))
      const ahead = new FeedMaker()
      const feed = [to('new'), to('fan'), back, back, to('away', 1)].flatMap((next) => ahead.next(next))
      const [, , undoFan, undoNew, other] = feed as [Output, Output, Output, Output, Output]
      // Its seq follows the stored outputs, but it retracts "new", while "fan" is the newest in effect.
      const wrong = { ...undoNew, seq: 3 }
      for (const outputs of [
        [other, undoNew],
        [other, wrong],
        [undoFan, undoNew, { ...undoNew, seq: 5 }],
      ]) {
        await expect(target.apply(0, cursorAfter(2), { position: 100, outputs, logTime: 3 })).rejects.toMatchObject({
          code: 'RONDO_MODELS_MISMATCH',
          retriable: false,
        })
        expect(await target.position(0)).toBe(cursorAfter(2))
        await expectModels(models, maker.feed)
      }
    })
  })
}
