import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Output } from '#contracts'
import { readModels } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'
import type { ReadModels } from '../read-models.ts'
import { expectModels } from './expected-models.ts'
import { choice, FeedMaker } from './feed-maker.ts'
import { outputKinds } from './output-kinds.ts'

/** A store of one partition with models that the test chooses, empty when it is created. */
export interface AddedModelFixture {
  readonly models: ReadModels
  publish(outputs: readonly Output[]): Promise<void>
  /** The state of the added model: the number of outputs of each kind. */
  kinds(): Promise<Record<string, number>>
  dispose(): Promise<void>
}

/** A read model is added by its file and a line at any place of the list, and the others stay correct. */
export function describeAddedModel(name: string, factory: (models: readonly ReadModel[]) => Promise<AddedModelFixture>, numRuns: number): void {
  describe(`a read model added in ${name}`, () => {
    it.each([
      { place: 'last', models: [...readModels, outputKinds] },
      { place: 'first', models: [outputKinds, ...readModels] },
      { place: 'between', models: [...readModels.slice(0, 1), outputKinds, ...readModels.slice(1)] },
    ])('at the $place of the list counts each output once, and the others stay correct', async ({ models }) => {
      const property = fc.asyncProperty(fc.array(fc.array(choice, { maxLength: 8 }), { maxLength: 6 }), async (steps) => {
        const fixture = await factory(models)
        const maker = new FeedMaker()
        for (const step of steps) await fixture.publish(step.flatMap((next) => maker.next(next)))
        const expected = Object.entries(Object.groupBy(maker.feed, ({ kind }) => kind)).map(([kind, outputs]) => [kind, outputs.length])
        expect(await fixture.kinds()).toEqual(Object.fromEntries(expected))
        await expectModels(fixture.models, maker.feed)
        await fixture.dispose()
      })
      await fc.assert(property, { numRuns })
    })
  })
}
