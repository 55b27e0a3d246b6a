import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { temporaryFolder } from '#runtime'
import { ownedBy } from '../conformance/fixture.ts'
import { commitInTurn } from '../conformance/samples.ts'
import { openDataFolder } from './data-folder.ts'
import type { ReadModelTables } from './read-model-tables.ts'

it('a rebuild of read models that fails ends the fold of its cycle at its next commit, and nothing else in its thread', async () => {
  using home = temporaryFolder()
  const failure = new RondoError('RONDO_DATA_CORRUPT', 'The read models are damaged.')
  const { promise: failed, resolve: setFailed } = Promise.withResolvers<void>()
  const readModelTables: ReadModelTables = {
    open: () => undefined,
    prepare: () => ({
      apply: () => undefined,
      catchUp() {
        setFailed()
        throw failure
      },
    }),
  }
  const folder = openDataFolder({ path: home.path, partitions: 1, identity: { cycle: 'listener' }, readModelTables })
  const reader = folder.reader()
  try {
    await folder.writer.append(0, ['{}'])
    const partition = await ownedBy(reader)
    await failed
    // The reader has noted the failure after a turn.
    await nextTurn()
    await expect(commitInTurn(partition, [[1]])).rejects.toBe(failure)
  } finally {
    await reader.close()
    await folder.close()
  }
})
