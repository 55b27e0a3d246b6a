import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Instant, Output } from '#contracts'
import { runFold } from '../../../../test/oracle/fold-runs.ts'
import { caseArb } from '../../../../test/oracle/generate.ts'
import type { ReadModels } from '../read-models.ts'
import { expectModels, fullListing } from './expected-models.ts'
import { actors, type Choice, choice, FeedMaker, partitionOf } from './feed-maker.ts'

/** Read models under test, empty when they are created. */
export interface ReadModelsFixture {
  readonly models: ReadModels
  /** Resolves when the outputs, which continue this partition's feed, are in the models. */
  publish(partition: number, outputs: readonly Output[], logTime: Instant): Promise<void>
  dispose(): Promise<void>
}

const PARTITIONS = 2
const nobody = { type: 'user', id: 'nobody' }
/** An actor, by its number in {@link actors}, moves to a stage. */
const to = (stage: string, { actor = 0, at = 0 } = {}): Choice => ({ what: 'transition', actor, stage, at, kind: 'advance' })

/** The tests of every adapter of the read models. */
export function describeReadModels(name: string, factory: (partitions: number) => Promise<ReadModelsFixture>, numRuns: number): void {
  describe(`the read models in ${name}`, () => {
    let fixture: ReadModelsFixture

    beforeEach(async () => {
      fixture = await factory(PARTITIONS)
    })
    afterEach(() => fixture.dispose())

    const publish = (choices: readonly Choice[], maker: FeedMaker) =>
      publishTo(
        fixture,
        choices.flatMap((next) => maker.next(next)),
      )

    /** Publishes step by step into new models, and compares after each step. */
    async function expectAfterEach(steps: readonly (readonly Output[])[]): Promise<void> {
      const own = await factory(PARTITIONS)
      const feed: Output[] = []
      for (const step of steps) {
        feed.push(...step)
        await publishTo(own, step)
        await expectModels(own.models, feed)
      }
      await own.dispose()
    }

    it('equal the effective histories at every step, and each count equals the length of its listing', async () => {
      const arbitrary = fc.array(fc.array(choice, { maxLength: 8 }), { maxLength: 6 })
      const property = fc.asyncProperty(arbitrary, async (steps) => {
        const maker = new FeedMaker()
        await expectAfterEach(steps.map((step) => step.flatMap((next) => maker.next(next))))
      })
      await fc.assert(property, { numRuns })
    })

    it('agree with the fold for definitions and logs of every kind', async () => {
      const property = fc.asyncProperty(caseArb, fc.integer({ min: 1, max: 8 }), async ({ definition, log }, steps) => {
        const { outputs } = runFold(definition, log)
        const length = Math.ceil(outputs.length / steps)
        await expectAfterEach(Array.from({ length: steps }, (_, i) => outputs.slice(i * length, (i + 1) * length)))
      })
      await fc.assert(property, { numRuns })
    })

    it('are empty before the first step, without a time', async () => {
      const { models } = fixture
      expect(await models.stageCounts()).toEqual({ asOf: Number.NEGATIVE_INFINITY, total: 0, stages: new Map() })
      expect(await models.actor(nobody)).toBeUndefined()
      expect(await models.history(nobody, { limit: 10 })).toEqual([])
      expect(await models.actorsIn('new', { limit: 10 })).toEqual({ members: [], next: undefined })
      expect(await models.transitionsPerHour({ from: 0, until: 1 })).toEqual({ asOf: Number.NEGATIVE_INFINITY, flows: [] })
    })

    it('have the log time of the partition that is furthest behind', async () => {
      const asOf = async () => [(await fixture.models.stageCounts()).asOf, (await fixture.models.transitionsPerHour({ from: 0, until: 1 })).asOf]
      await fixture.publish(0, [], 2000)
      await fixture.publish(1, [], Number.NEGATIVE_INFINITY)
      expect(await asOf()).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
      await fixture.publish(1, [], 1000)
      expect(await asOf()).toEqual([1000, 1000])
      await fixture.publish(1, [], 253_402_300_799_999)
      expect(await asOf()).toEqual([2000, 2000])
    })

    it('page through a history from its newest end', async () => {
      await publish(
        ['new', 'active', 'fan', 'away', 'new'].map((stage) => to(stage)),
        new FeedMaker(),
      )
      const actor = actors[0] ?? nobody
      const page = await fixture.models.history(actor, { limit: 2 })
      expect(page.map(({ output }) => output.seq)).toEqual([5, 4])
      const next = await fixture.models.history(actor, { before: page.at(-1)?.cursor ?? 0, limit: 2 })
      expect(next.map(({ output }) => output.seq)).toEqual([3, 2])
      const last = await fixture.models.history(actor, { before: next.at(-1)?.cursor ?? 0, limit: 2 })
      expect(last.map(({ output }) => output.seq)).toEqual([1])
      expect(await fixture.models.history(actor, { before: last.at(-1)?.cursor ?? 0, limit: 2 })).toEqual([])
      // A client may send any number.
      expect(await fixture.models.history(actor, { before: Number.MAX_SAFE_INTEGER, limit: 2 })).toEqual(page)
      expect(await fixture.models.history(nobody, { before: Number.MAX_SAFE_INTEGER, limit: 2 })).toEqual([])
    })

    it('page through a stage by time of entry, then as UTF-8 bytes, also if the last member of a page has left', async () => {
      const maker = new FeedMaker()
      const atFive = [0, 1, 2, 3].map((actor) => to('new', { actor, at: 5 }))
      await publish([...atFive, to('new', { actor: 4, at: 4 })], maker)
      const everybody = [4, 0, 1, 2, 3].map((i) => ({ actor: actors[i], since: i === 4 ? 4 : 5 }))
      expect(await fullListing(fixture.models, 'new', 5)).toEqual(everybody)
      const { members, next = '' } = await fixture.models.actorsIn('new', { limit: 3 })
      expect(members).toEqual(everybody.slice(0, 3))
      await publish([to('fan', { actor: 1, at: 6 }), to('fan', { actor: 0, at: 6 })], maker)
      expect(await fixture.models.actorsIn('new', { after: next, limit: 3 })).toEqual({ members: everybody.slice(3), next: undefined })
    })

    it.each(['', 'x', 'W10', Buffer.from('["a","b","c"]').toString('base64url')])('refuse %j as a cursor', async (after) => {
      await expect(fixture.models.actorsIn('new', { after, limit: 1 })).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
    })

    it('no longer count a retracted transition', async () => {
      const maker = new FeedMaker()
      await publish([to('new'), to('fan', { at: 7 })], maker)
      await publish([{ ...to(''), what: 'retraction' }], maker)
      const { flows } = await fixture.models.transitionsPerHour({ from: 0, until: 1 })
      expect(flows).toEqual([{ hour: 0, kind: 'advance', from: 'start', to: 'new', transitions: 1 }])
    })
  })
}

async function publishTo(fixture: ReadModelsFixture, outputs: readonly Output[]): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const own = outputs.filter((output) => partitionOf(output, PARTITIONS) === partition)
    await fixture.publish(partition, own, 0)
  }
}
