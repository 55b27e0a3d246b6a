import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { writeArchive } from '#archive'
import { formatInstant } from '#contracts'
import type { LogRecord } from '#event-log'
import { temporaryFolder } from '#runtime'
import { MemoryLog } from '../../libs/archive/src/conformance/memory-log.ts'
import { parquetReadersPython } from '../../scripts/parquet-readers.ts'
import { blocks } from '../fixtures/page-blocks.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 28, 12)
const home = temporaryFolder()

const orderAt = (at: number, dollars: number): string => {
  const time = formatInstant(at)
  const actor = { type: 'user', id: 'ü-1' }
  return JSON.stringify({ id: `e${at}`, type: 'track', event: 'Order Completed', actor, time, receivedAt: time, properties: { dollars }, source: 'shop' })
}
/** Texts that a log can have, whatever the fold makes of them. */
const oddTexts = ['', '\ufeff{"id":"1"}', '\u0000', '{"id":1}\r', 'null', '🙂', '{"record":"tick","writer":"w","time":"2026-11-28T12:00:00.000Z"}']
const records: LogRecord[] = [
  { offset: 0, appendedAt: START, frame: oddTexts.join('\n') },
  ...Array.from({ length: 300 }, (_, n): LogRecord => {
    const at = START + Math.floor((n * DAY_MS) / 100)
    return { offset: n + 1, appendedAt: at, frame: `${orderAt(at, n)}\n${orderAt(at + 1, n)}` }
  }),
]

function python(...args: string[]): unknown {
  if (!existsSync(parquetReadersPython))
    throw new Error('Apache Arrow and DuckDB are not installed. This installs them: npm test -- --only build,e2e archive-readers')
  const { status, stdout, stderr } = spawnSync(parquetReadersPython, ['-B', join(import.meta.dirname, 'read_archive.py'), ...args], {
    cwd: home.path,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('an archive', () => {
  beforeAll(() => writeArchive({ archive: join(home.path, 'archive'), log: new MemoryLog(records) }))

  it('is read by Apache Arrow and by DuckDB: every entry exactly, with its columns', () => {
    const { arrow, duckdb } = python() as { arrow: unknown[][]; duckdb: unknown[][] }
    const texts = records.flatMap(({ offset, appendedAt, frame }) => frame.split('\n').map((text, index) => [offset, index, appendedAt, text]))
    for (const rows of [arrow, duckdb]) expect(rows.map((row) => [row[0], row[1], row[2], row[11]])).toEqual(texts)
    expect(duckdb).toEqual(arrow)
    const at = START + Math.floor(DAY_MS / 100)
    expect(arrow[9]?.slice(0, 11)).toEqual([2, 0, at, 'event', `e${at}`, 'Order Completed', 'user', 'ü-1', at, at, 'shop'])
    expect(arrow.slice(0, 7).map((row) => [row[3], row[8]])).toEqual([...Array.from({ length: 6 }, () => ['unreadable', null]), ['tick', START]])
  })

  it('answers the query of the guide', () => {
    const [query = ''] = blocks('docs/guides/archive.md', 'sql')
    const days = new Map<string, [orders: number, dollars: number]>()
    for (const [n, { appendedAt = 0 }] of records.slice(1).entries()) {
      const day = formatInstant(appendedAt).slice(0, 10)
      const [orders, dollars] = days.get(day) ?? [0, 0]
      days.set(day, [orders + 2, dollars + 2 * n])
    }
    expect(python(query)).toEqual([...days].map(([day, [orders, dollars]]) => [day, String(orders), dollars.toFixed(1)]))
  })
})
