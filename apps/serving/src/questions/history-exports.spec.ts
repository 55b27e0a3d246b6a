import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { filledHistory, outputOf } from '../../../../test/fixtures/history/filled-history.ts'
import { servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'
import { HistoryExports } from './history-exports.ts'

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

describe('the exports of a process', () => {
  it('are two at once; a third is refused until one has been sent, or its client has gone', async () => {
    using folder = temporaryFolder()
    await using history = await closing(filledHistory({ outputs: [outputOf({ actorId: 'a', seq: 1, from: 'start', to: 'here', at: 0 })], logTime: 1 }))
    const source = { exported: { cycle: 'test', reader: history, folder: folder.path } }
    const exports = new HistoryExports()
    const [first, second] = [await exports.open(source, 'stays', {}), await exports.open(source, 'transitions', {})]
    const refusal = { code: 'RONDO_OVERLOADED', retriable: true, retryAfterMs: 10_000 }
    await expect(exports.open(source, 'traits', {})).rejects.toMatchObject(refusal)
    expect(await text(first.stream)).toMatch(/^actor_type,actor_id,seq,stage,.*\r?\nuser,a,1,here,/)
    const third = await exports.open(source, 'traits', {})
    await expect(exports.open(source, 'traits', {})).rejects.toMatchObject(refusal)
    second.stream.destroy()
    await once(second.stream, 'close')
    third.stream.destroy()
    ;(await exports.open(source, 'active', {})).stream.destroy()
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('are refused where the disk has too little space, and take no place then', async () => {
    using folder = temporaryFolder()
    await using history = await closing(filledHistory({ outputs: [outputOf({ actorId: 'a', seq: 1, from: 'start', to: 'here', at: 0 })], logTime: 1 }))
    const source = { exported: { cycle: 'test', reader: history, folder: folder.path } }
    let free = 256 << 20
    const exports = new HistoryExports(async () => free)
    for (let i = 0; i < 3; i++) {
      await expect(exports.open(source, 'stays', {})).rejects.toMatchObject({
        code: 'RONDO_DATA_FULL',
        message: expect.stringContaining('an export of 1 rows'),
      })
    }
    free += 1024
    ;(await exports.open(source, 'stays', {})).stream.destroy()
    expect(readdirSync(folder.path)).toEqual([])
  })
})

async function closing(opening: ReturnType<typeof filledHistory>) {
  const history = await opening
  return Object.assign(history, { [Symbol.asyncDispose]: () => history.close() })
}
