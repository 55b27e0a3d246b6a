import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { lifecycleBy } from '../../libs/history/src/questions/lifecycle.ts'
import { filledHistory } from '../fixtures/history/filled-history.ts'
import { lifecycleReference } from '../oracle/reference-data.ts'

// The data set is for non-commercial use only, so this repository does not contain it. RONDO_TEST_DATA names its folder (test/fixtures/data/README.md).
const tags = join(process.env['RONDO_TEST_DATA'] ?? '', 'hetrec2011_lastfm_tags.csv.gz')

describe('the lifecycle of the taggers of HetRec', () => {
  it('is the one that another program computed: set RONDO_TEST_DATA to the folder of hetrec2011_lastfm_tags.csv.gz', async () => {
    expect(existsSync(tags)).toBe(true)
    const rows: Record<string, string>[] = parse(gunzipSync(readFileSync(tags)), { columns: true })
    // Five dates of the original are long before the site was there.
    const active = rows.map((row) => [row['user_id'] ?? '', Date.parse(row['date'] ?? '')] as const).filter(([, time]) => time >= Date.UTC(2005, 0, 1))
    const history = await filledHistory({ active })
    try {
      const answer = await lifecycleBy(history, { range: { from: Date.UTC(2005, 7), until: Date.UTC(2011, 5), by: 'month', zone: 'UTC' } })
      const counted = answer.map((each) => [new Date(each.period.from).toISOString().slice(0, 7), each.new, each.returning, each.resurrecting, each.dormant])
      expect(counted).toEqual(lifecycleReference['hetrec_month']?.rows)
    } finally {
      await history.close()
    }
  })
})
