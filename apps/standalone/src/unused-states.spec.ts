import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { compileCycle } from '#cycle'
import { openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { presence } from '../../../test/fixtures/cycles/presence.ts'
import { unusedStates } from './unused-states.ts'

it('each file that is not used is described as what it is', async () => {
  using home = temporaryFolder()
  const [music, band] = ['music', 'band'].map((cycle) => compileCycle({ ...presence, cycle })) as [
    ReturnType<typeof compileCycle>,
    ReturnType<typeof compileCycle>,
  ]
  await openCycleFolder(home.path, music, band).close()
  copyFileSync(join(home.path, 'state.db'), join(home.path, 'state-music.db'))
  writeFileSync(join(home.path, 'state-old.db'), 'a text '.repeat(100))
  const folder = openCycleFolder(home.path, music)
  try {
    expect(unusedStates(folder, ['music'])).toEqual([
      expect.stringContaining('state-band.db has the state of the cycle band, which no definition defines now'),
      expect.stringContaining('state-music.db has a second state of the cycle music, which is folded in state.db'),
      expect.stringMatching(/state-old\.db has the name of a state file and cannot be read as one: .* \(RONDO_DATA_FOREIGN\)$/),
    ])
  } finally {
    await folder.close()
  }
})
