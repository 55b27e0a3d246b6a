import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { compileCycle } from '#cycle'
import { openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { folderStatus } from './stored-status.ts'

it('the status of a folder names a state file that cannot be read, and shows the other cycles', async () => {
  using home = temporaryFolder()
  await openCycleFolder(home.path, compileCycle(presence)).close()
  const path = join(home.path, 'state-old.db')
  writeFileSync(path, 'a text '.repeat(100))
  const status = await folderStatus(home.path, Date.UTC(2026, 0, 1))
  expect(status.cycles.map(({ cycle }) => cycle)).toEqual([presence.cycle])
  expect(status.unready).toMatch(/state-old\.db is not .* \(RONDO_DATA_FOREIGN\)$/)
})
