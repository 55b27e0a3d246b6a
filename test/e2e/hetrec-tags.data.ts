import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { absenceCounts, outputsIn, presenceCycle, rondo } from '../fixtures/processes/rondo-command.ts'
import { reference } from '../oracle/reference-data.ts'

// The data set is for non-commercial use only, so this repository does not contain it. RONDO_TEST_DATA names its folder (test/fixtures/data/README.md).
const tags = join(process.env['RONDO_TEST_DATA'] ?? '', 'hetrec2011_lastfm_tags.csv.gz')

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

describe('the replay of the HetRec tags', () => {
  it('has its data: set RONDO_TEST_DATA to the folder of hetrec2011_lastfm_tags.csv.gz', () => {
    expect(existsSync(tags)).toBe(true)
  })

  it.each(Object.entries(reference['hetrec_tags']?.rule ?? {}))('has exactly the reference counts for %s days', async (days, counts) => {
    const { disengagements, re_engagements, open_at_end } = counts
    const path = join(folder.path, `${days}.ndjson`)
    const definition = presenceCycle(folder.path, `${days}d`)
    const { code } = await rondo([
      'replay',
      '--definition',
      definition,
      '--input',
      tags,
      '--csv',
      '--actor',
      'user_id',
      '--time',
      'date',
      '--from',
      '2005-01-01',
      '--output',
      path,
    ])
    expect(code).toBe(0)
    expect(absenceCounts(outputsIn(path))).toEqual({ disengagements, re_engagements, open_at_end })
  })
})
