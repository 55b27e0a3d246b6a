import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { type OwnedPartition, openDataFolder } from '#event-log'
import { temporaryFolder } from '#runtime'
import { describeAddedModel } from '../conformance/added-model.conformance.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { type Choice, FeedMaker } from '../conformance/feed-maker.ts'
import { describeReadModels, type ReadModelsFixture } from '../conformance/read-models.conformance.ts'
import { readModels } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'
import { SqliteReadModels } from './sqlite-read-models.ts'
import { stateProjection } from './state-projection.ts'

/** A data folder with its read models, and direct access to its partitions and rows. */
interface Fixture extends ReadModelsFixture {
  readonly owned: readonly OwnedPartition[]
  rows(query: string): readonly Record<string, unknown>[]
}

async function fixtureOf(partitions: number, models: readonly ReadModel[] = readModels): Promise<Fixture> {
  const home = temporaryFolder()
  const folder = openDataFolder({ path: home.path, partitions, identity: {}, readModelTables: stateProjection({ models }) })
  const reader = folder.reader()
  const state = folder.stateReader()
  const owned: OwnedPartition[] = []
  const all = Promise.withResolvers<void>()
  await reader.own({
    assigned: (partition) => {
      if (owned.push(partition) === partitions) all.resolve()
    },
    revoked: () => {},
  })
  await all.promise
  owned.sort((a, b) => a.partition - b.partition)
  return {
    models: new SqliteReadModels(state),
    owned,
    rows: (query) => rowsOf(home.path, query),
    publish: async (partition, outputs, logTime) => {
      const previousPosition = await owned[partition]?.committed()
      const position = { offset: (previousPosition?.offset ?? -1) + 1, index: 0, cursor: null }
      await owned[partition]?.commit({
        previousPosition,
        position,
        logTime,
        dueAt: Number.POSITIVE_INFINITY,
        outputs,
        late: [],
        quarantine: [],
        checkpoints: [],
        names: [],
        partitionMetadata: '{}',
      })
    },
    dispose: async () => {
      state.close()
      await reader.close()
      await folder.close()
      home[Symbol.dispose]()
    },
  }
}

describeReadModels('SQLite', (partitions) => fixtureOf(partitions), 30)
describeAddedModel(
  'SQLite',
  async (models) => {
    const fixture = await fixtureOf(1, models)
    return {
      models: fixture.models,
      publish: (outputs) => fixture.publish(0, outputs, 0),
      kinds: async () => Object.fromEntries(fixture.rows('SELECT kind, outputs FROM kinds').map(({ kind, outputs }) => [kind, Number(outputs)])),
      dispose: fixture.dispose,
    }
  },
  10,
)

describe('the stage projection', () => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await fixtureOf(1)
  })
  afterEach(() => fixture.dispose())

  it('publishes nothing of a batch that retracts an output which is not in effect', async () => {
    const maker = new FeedMaker()
    const to = (stage: string): Choice => ({ what: 'transition', actor: 0, stage, at: 0, kind: 'advance' })
    const back: Choice = { ...to(''), what: 'retraction' }
    const outputs: Output[] = [to('new'), to('active'), back, back].flatMap((next) => maker.next(next))
    await fixture.publish(0, outputs, 0)
    await expect(fixture.publish(0, outputs.slice(3), 0)).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    await expectModels(fixture.models, maker.feed)
    expect(await fixture.owned[0]?.committed()).toEqual({ offset: 0, index: 0, cursor: null })
  })
})

/** The stored rows of the test model, for which the read models have no question. */
function rowsOf(path: string, query: string): Record<string, unknown>[] {
  const db = new DatabaseSync(join(path, 'state.db'), { readOnly: true })
  try {
    return db.prepare(query).all()
  } finally {
    db.close()
  }
}
