import { describe, it } from '@jest/globals'
import fc from 'fast-check'
import type { Output } from '#contracts'
import { readModels } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'
import type { ReadModels } from '../read-models.ts'
import { expectModels } from './expected-models.ts'
import { choice, FeedMaker } from './feed-maker.ts'

/** A store of one partition, used by the processes of one release after the other; empty when it is created. */
export interface ReleasesFixture {
  /** The models of the release that was started last. */
  readonly models: ReadModels
  /** Ends the running process, and starts one of a release with these models. */
  start(models: readonly ReadModel[]): Promise<void>
  publish(outputs: readonly Output[]): Promise<void>
  /** Resolves when no model is behind. */
  rebuilt(): Promise<void>
  dispose(): Promise<void>
}

/** The same models, some of them in a later version. */
export function withRaisedVersions(...names: readonly string[]): ReadModel[] {
  return readModels.map((model) => (names.includes(model.name) ? { ...model, version: model.version + 1 } : model))
}

const release = fc.subarray(readModels.map(({ name }) => name)).map((names) => withRaisedVersions(...names))
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), choices: fc.array(choice, { minLength: 1, maxLength: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('start' as const), models: release }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rebuilt' as const) }) },
)

/** Models whose versions change at any time, up or down, end as if they had been kept from the beginning. */
export function describeRebuiltModels(name: string, factory: () => Promise<ReleasesFixture>, numRuns: number): void {
  describe(`read models of one release after the other in ${name}`, () => {
    it('answer as if each had been kept from the beginning', async () => {
      const property = fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const fixture = await factory()
        const maker = new FeedMaker()
        await fixture.start(readModels)
        for (const next of steps) {
          if (next.do === 'start') await fixture.start(next.models)
          else if (next.do === 'publish') await fixture.publish(next.choices.flatMap((each) => maker.next(each)))
          else await fixture.rebuilt()
        }
        await fixture.rebuilt()
        await expectModels(fixture.models, maker.feed)
        await fixture.dispose()
      })
      await fc.assert(property, { numRuns })
    })
  })
}
