import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'

const PATH = '/v1/cycles/shopper/export'
const exportFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('export-'))

describe('an export', () => {
  const served = servedFolderForTests({ hasHistory: true })
  beforeEach(async () => {
    await served().filled.order('a', 0).order('b', 1).tick(5).commit()
    await served().follow()
  })

  it('is a file with all rows, or those of a range, in each format; nothing of it stays on the disk', async () => {
    const csv = await served().get(`${PATH}/stays`)
    expect([csv.status, csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv',
      'attachment; filename="shopper-stays.csv"',
    ])
    expect((await csv.text()).trim().split('\n')).toEqual([
      'actor_type,actor_id,seq,stage,entered_at,left_at,next_stage,exit_kind,exit_cause',
      expect.stringMatching(/^user,[ab],1,connection,/),
      expect.stringMatching(/^user,[ab],1,connection,/),
    ])
    const lines = await (await served().get(`${PATH}/transitions?as=ndjson&from=2026-01-02T00:00:00Z`)).text()
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => Reflect.get(JSON.parse(line) as object, 'actor_id')),
    ).toEqual(['b'])
    expect(await (await served().get(`${PATH}/transitions?as=parquet`)).text()).toMatch(/^PAR1/)
    expect(exportFolders()).toEqual([])
  })

  it('is refused with its parameter, and for what there is not', async () => {
    expect(await served().problem(`${PATH}/people`)).toMatchObject({ status: 404, detail: expect.stringContaining('transitions, stays, active, traits') })
    for (const query of ['as=xlsx', 'from=2026', 'from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', 'colour=red'])
      expect(await served().problem(`${PATH}/stays?${query}`)).toMatchObject({ status: 400, code: 'RONDO_ARGUMENT_INVALID' })
    // Refusals and answers that were read take no place.
    for (let i = 0; i < 5; i++) {
      const answer = await served().get(`${PATH}/stays`)
      expect([answer.status, (await answer.text()).length > 100]).toEqual([200, true])
    }
  })
})
