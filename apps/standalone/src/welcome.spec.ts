import { expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { compileCycle } from '#cycle'
import { openCycleFolder } from '#projections'
import { temporaryFolder } from '#runtime'
import { presence } from '../../../test/fixtures/cycles/presence.ts'
import { welcome } from './welcome.ts'

it('the welcome shows the counts of each cycle, and why those of a damaged state cannot be read', async () => {
  using home = temporaryFolder()
  const cycles = ['listener', 'musician', 'band'].map((cycle) => compileCycle({ ...presence, cycle }))
  const [first, ...others] = cycles as [(typeof cycles)[number], ...typeof cycles]
  const folder = openCycleFolder(home.path, first, ...others)
  const [listener, , band] = folder.states
  const damaged = {
    ...folder,
    stateReader: () => {
      throw new RondoError('RONDO_DATA_CORRUPT', 'The data file state-musician.db is damaged.')
    },
    stateFile: 'state-musician.db',
  }
  try {
    const states = [listener, damaged, band].flatMap((state) => (state === undefined ? [] : [state]))
    const text = await welcome({ states }, cycles, undefined)
    expect(text).toContain('0 in the cycle listener, as nothing has come in yet:')
    expect(text).toContain('The counts of the cycle musician cannot be read: The data file state-musician.db is damaged. (RONDO_DATA_CORRUPT)')
    expect(text).toContain('0 in the cycle band, as nothing has come in yet:')
  } finally {
    await folder.close()
  }
})
