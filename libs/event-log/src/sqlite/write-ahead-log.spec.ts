import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { ownedBy } from '../conformance/fixture.ts'
import { commitInTurn } from '../conformance/samples.ts'
import { openDataFolder } from './data-folder.ts'

const MEGABYTE = 1_000_000

describe('the write-ahead log', () => {
  it('stays small while readers always stop in the middle of their pages', async () => {
    using home = temporaryFolder()
    const folder = openDataFolder({ path: home.path, partitions: 1, identity: {} })
    const reader = folder.reader()
    const state = folder.stateReader()
    const owned = await ownedBy(reader)
    const frames = Array.from({ length: 20 }, () => 'x'.repeat(50_000))
    const checkpointed = { bucket: 0, metadata: '{}', bytes: new Uint8Array(MEGABYTE) }
    for (let round = 0; round < 40; round++) {
      await folder.writer.append(0, frames)
      // Each of these reads stops before the last row of its query.
      expect(await owned.read(round, { bytesMax: 1, waitMs: 0 })).toHaveLength(1)
      await commitInTurn(owned, [[3 * round + 1, 3 * round + 2, 3 * round + 3]], [checkpointed])
      await state.read(0, 2)
      state.at(1)
      for await (const _ of owned.checkpoints()) break
    }
    for (const file of ['log.db-wal', 'state.db-wal']) expect(statSync(join(home.path, file)).size).toBeLessThan(8 * MEGABYTE)
    expect(statSync(join(home.path, 'log.db')).size).toBeGreaterThan(30 * MEGABYTE)
    state.close()
    await reader.close()
    await folder.close()
  })
})
