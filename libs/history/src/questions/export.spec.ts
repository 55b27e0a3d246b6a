import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { emptyHistory, fillHistory, outputOf } from '../../../../test/fixtures/history/filled-history.ts'
import type { HistoryFile } from '../store/history-file.ts'
import { countExport, type ExportFormat, type ExportTable, exportColumns, exportFormats, exportInto, exportTables } from './export.ts'

const T = Date.UTC(2026, 0, 1, 12, 7, 0, 5)
const DAY = 86_400_000
const odd = 'Zoë "O\'N", 🎵\nline'

let home: TemporaryFolder
let history: HistoryFile
beforeEach(async () => {
  home = temporaryFolder()
  history = await emptyHistory()
  const outputs = [
    outputOf({ actorId: odd, seq: 1, at: T, from: 'start', to: 'here' }),
    outputOf({ actorId: odd, seq: 2, at: T + DAY, from: 'here', to: 'away', kind: 'disengage', dwellMs: DAY }),
    outputOf({ actorId: odd, seq: 3, at: T + DAY, noticedAt: T + 3 * DAY, from: 'here', to: 'away', retractsSeq: 2 }),
    outputOf({ actorId: 'b', seq: 1, at: T + 5 * DAY, from: 'start', to: 'here' }),
  ]
  await fillHistory(history, { outputs, active: [[odd, T]], traits: [[odd, 'country', odd, T]] })
})
afterEach(async () => {
  await history.close()
  home[Symbol.dispose]()
})

const exported = async (table: ExportTable, format: ExportFormat, range: { from?: number; until?: number } = {}): Promise<string> => {
  const path = join(home.path, `it's.${format}`)
  await exportInto(history, path, { table, format, ...range })
  return path
}

it('every relation has its rows, the actor first, in each format', async () => {
  for (const table of exportTables) {
    const lines = readFileSync(await exported(table, 'ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.length).toBe(await countExport(history, { table, format: 'ndjson' }))
    for (const format of exportFormats) {
      const reader = { csv: 'read_csv', ndjson: 'read_json', parquet: 'read_parquet' }[format]
      const types = format === 'csv' ? ', all_varchar = true' : ''
      const path = (await exported(table, format)).replaceAll("'", "''")
      const rows = await history.rows<Record<string, unknown>>(`SELECT * FROM ${reader}('${path}'${types}) ORDER BY ALL`)
      expect(Object.keys(rows[0] ?? {})).toEqual(exportColumns(table))
      expect(rows.map((row) => row['actor_id']).sort()).toEqual(lines.map((line) => line['actor_id']).sort())
    }
  }
})

it('a transition has its times, and when it was retracted', async () => {
  const lines = readFileSync(await exported('transitions', 'ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
  expect(JSON.parse(lines[1] ?? '')).toEqual({
    actor_type: 'user',
    actor_id: odd,
    seq: 2,
    kind: 'disengage',
    from_stage: 'here',
    to_stage: 'away',
    rule: 'here-away',
    cause: 'absence',
    at: '2026-01-02T12:07:00.005Z',
    noticed_at: '2026-01-02T12:07:00.005Z',
    dwell_ms: DAY,
    origin: 'live',
    retracted_at: '2026-01-04T12:07:00.005Z',
  })
  const [parquet] = await history.rows<Record<string, unknown>>(
    `SELECT typeof("at") AS type, epoch_ms("at") AS ms FROM read_parquet('${(await exported('transitions', 'parquet')).replaceAll("'", "''")}') WHERE seq = 2`,
  )
  expect(parquet).toEqual({ type: 'TIMESTAMP WITH TIME ZONE', ms: T + DAY })
})

it('a range selects by the time of the relation', async () => {
  for (const [table, rows] of [
    ['transitions', 1],
    ['stays', 1],
    ['active', 0],
    ['traits', 0],
  ] as const) {
    const range = { from: T + DAY + 1, until: T + 9 * DAY }
    expect([table, await countExport(history, { table, format: 'csv', ...range })]).toEqual([table, rows])
    expect(
      readFileSync(await exported(table, 'csv', range), 'utf8')
        .trimEnd()
        .split('\n').length,
    ).toBe(rows + 1)
  }
})
