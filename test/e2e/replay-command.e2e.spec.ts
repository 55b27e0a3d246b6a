import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import type { LateRecord } from '#contracts'
import { temporaryFolder } from '#runtime'
import { absenceCounts, historyOf, outputsIn, presenceCycle, rondo } from '../fixtures/processes/rondo-command.ts'
import { reference } from '../oracle/reference-data.ts'

const DAY_MS = 86_400_000
const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const inFolder = (name: string): string => join(folder.path, name)

const bin = join(import.meta.dirname, '../../apps/cli/bin/rondo.js')
const data = join(import.meta.dirname, '../fixtures/data')
const CDNOW = ['--input', join(data, 'cdnow_master.csv.gz'), '--csv', '--actor', 'customer_id', '--time', 'date', '--until', '1998-07-01T00:00:00Z']
const BEETS = [
  '--input',
  join(data, 'beets_contributions.csv.gz'),
  '--csv',
  '--actor',
  'actor',
  '--time',
  'ts',
  '--recorded',
  'recorded_ts',
  '--where',
  'bot=0',
]
const BEYOND_THE_END = ['--until', '2027-01-01T00:00:00Z']

async function replay(name: string, args: readonly string[]): Promise<{ path: string; stderr: string }> {
  const path = inFolder(name)
  const { code, stderr } = await rondo(['replay', ...args, '--output', path])
  if (code !== 0) throw new Error(`rondo replay ended with ${code}: ${stderr}`)
  return { path, stderr }
}

describe.each([
  ['cdnow', CDNOW],
  ['beets', BEETS],
])('the replay of %s', (name, args) => {
  const { rule = {}, events } = reference[name] ?? {}

  it.each(Object.entries(rule))('has the reference counts of absences, returns and actors that are absent at the end, for %s days', async (days, counts) => {
    const { disengagements, re_engagements, open_at_end } = counts
    const { path, stderr } = await replay(`${name}-${days}.ndjson`, ['--definition', presenceCycle(folder.path, `${days}d`), ...args])
    expect(absenceCounts(outputsIn(path))).toEqual({ disengagements, re_engagements, open_at_end })
    expect(stderr).toMatch(new RegExp(`events +${events}\\n`))
    expect(stderr).toMatch(new RegExp(`disengage +${disengagements}\\n`))
    expect(stderr).toMatch(new RegExp(`return +${re_engagements}\\n`))
    expect(stderr).toMatch(new RegExp(`disengagement +${open_at_end} `))
  })

  it('is compared with the reference counts of five absences', () => {
    expect(Object.keys(rule)).toEqual(['7', '14', '30', '60', '90'])
  })
})

describe('the replay as recorded', () => {
  const wide = (): string => presenceCycle(folder.path, '30d', 'grace: 2000d\njournal: 8192')
  const recorded = (...more: string[]): string[] => ['--definition', wide(), ...BEETS, '--as-recorded', ...BEYOND_THE_END, ...more]

  it('leads to the history of the sorted run if grace is so wide that nothing is late', async () => {
    const late = inFolder('late.ndjson')
    const { path, stderr } = await replay('recorded.ndjson', recorded('--late', late))
    const sorted = await replay('sorted.ndjson', ['--definition', wide(), ...BEETS, ...BEYOND_THE_END])
    expect(readFileSync(late, 'utf8')).toBe('')
    expect(stderr).toMatch(/retractions +[1-9]/)
    expect(historyOf(outputsIn(path))).toEqual(historyOf(outputsIn(sorted.path)))
    expect(outputsIn(sorted.path).filter(({ kind }) => kind === 'retraction')).toEqual([])
  })

  it('has as late events the rows that were recorded more than 30 days after their time, with a grace of 30 days', async () => {
    const definition = presenceCycle(folder.path, '30d', 'grace: 30d')
    const late = inFolder('late-30d.ndjson')
    await replay('recorded-30d.ndjson', ['--definition', definition, ...BEETS, '--as-recorded', ...BEYOND_THE_END, '--late', late])
    const rows: Record<string, string>[] = parse(gunzipSync(readFileSync(join(data, 'beets_contributions.csv.gz'))), { columns: true })
    const expected = rows
      .filter(({ bot, ts, recorded_ts }) => bot === '0' && (Number(recorded_ts) - Number(ts)) * 1000 > 30 * DAY_MS)
      .map(({ actor, ts }) => `${actor} ${new Date(Number(ts) * 1000).toISOString()}`)
    const records = readFileSync(late, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LateRecord)
    expect(expected.length).toBeGreaterThan(500)
    expect(records.map(({ event }) => `${event.actor.id} ${event.time}`).sort()).toEqual(expected.sort())
    expect(new Set(records.map(({ reason }) => reason))).toEqual(new Set(['grace']))
  })

  it('writes with --effective the lines that were not retracted, unchanged and in their order', async () => {
    const all = (await replay('all.ndjson', recorded())).path
    const effective = (await replay('effective.ndjson', recorded('--effective'))).path
    const retracted = new Set(outputsIn(all).map(({ retracts }) => retracts))
    const lines = readFileSync(all, 'utf8').split('\n')
    const effectiveLines = outputsIn(all).flatMap(({ id, kind }, index) => (kind === 'retraction' || retracted.has(id) ? [] : [lines[index]]))
    expect(readFileSync(effective, 'utf8')).toBe(`${effectiveLines.join('\n')}\n`)
  })

  it.each([[[]], [['--effective']]])('writes the same bytes in every run and with any --batch, with the options %j', async (more) => {
    const once = readFileSync((await replay('once.ndjson', recorded(...more))).path)
    for (const batch of ['1', '7', '100000', '4096']) {
      const other = readFileSync((await replay(`batch-${batch}.ndjson`, recorded(...more, '--batch', batch))).path)
      expect([batch, other.equals(once)]).toEqual([batch, true])
    }
  })
})

describe('the command', () => {
  const presence = (): string => presenceCycle(folder.path, '30d')

  it('runs in another folder, reads a pipe and reports refused rows', async () => {
    const rows = 'who,when\na,2026-01-01\nb,never\na,2026-03-01\n'
    const { code, stdout, stderr } = await rondo(['replay', '--definition', presence(), '--input', '-', '--csv', '--actor', 'who', '--time', 'when'], {
      input: rows,
    })
    expect(code).toBe(3)
    expect(stderr).toContain('standard input:3: when: expected a time, found "never" (RONDO_ROW_INVALID)')
    expect(stdout.trimEnd().split('\n')).toHaveLength(3)
  })

  it('loads the packages of a fold only: no client of Kafka or Redis, no server', async () => {
    // A short replay is mostly loading: kafkajs alone is a third of its modules.
    const printLoads = `import { registerHooks } from 'node:module'
      registerHooks({ load: (url, context, next) => { process.stderr.write('loads ' + url + '\\n'); return next(url, context) } })`
    const hook = `data:text/javascript,${encodeURIComponent(printLoads)}`
    const child = spawn(process.execPath, ['--import', hook, bin, 'replay', '--definition', presence(), ...CDNOW, '--output', inFolder('loads.ndjson')])
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    const [code] = (await once(child, 'close')) as [number]
    const packages = [...String(Buffer.concat(errors)).matchAll(/^loads .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name)
    expect([code, [...new Set(packages)].sort()]).toEqual([0, ['commander', 're2js', 'yaml', 'zod']])
  })

  it('reports all defects of a broken definition, ends with 2 and writes nothing', async () => {
    const broken = inFolder('broken.yaml')
    writeFileSync(broken, readFileSync(presence(), 'utf8').replaceAll('30d', '30x').replace('to: connection', 'to: conection'))
    const { code, stdout, stderr } = await rondo(['replay', '--definition', broken, ...CDNOW, '--output', inFolder('never.ndjson')])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.match(/broken.yaml:\d+:\d+: error: /g)).toHaveLength(3)
    expect(existsSync(inFolder('never.ndjson'))).toBe(false)
  })

  it('reports an incomplete archive in one sentence, and ends with 1', async () => {
    const cut = inFolder('cut.csv.gz')
    writeFileSync(cut, readFileSync(join(data, 'cdnow_master.csv.gz')).subarray(0, 50_000))
    const { code, stderr } = await rondo(['replay', '--definition', presence(), '--input', cut, ...CDNOW.slice(2)])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^rondo: .*cut.csv.gz cannot be read after line \d+: the archive ends too early. \(RONDO_INPUT_UNREADABLE\)\n$/)
  })

  it('is silent if the reader of its output stops reading', async () => {
    const child = spawn('sh', ['-c', '"$@" | head -1', 'sh', bin, 'replay', '--definition', presence(), ...CDNOW])
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.stdout.resume()
    await once(child, 'close')
    expect(String(Buffer.concat(errors))).toBe('')
  })

  it('reports a full disk', async () => {
    const { code, stderr } = await rondo(['replay', '--definition', presence(), ...CDNOW, '--output', '/dev/full'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^rondo: .*the disk is full.*\(RONDO_DATA_FULL\)\n$/) })
  })

  it('ends when it is interrupted, although its input does not end', async () => {
    // The process has its own group, so that the signal reaches the launcher and the command, as a signal from a terminal does.
    const child = spawn(bin, ['replay', '--definition', presence(), '--input', '-'], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    const closed = once(child, 'close')
    const repeatedSignal = setInterval(() => process.kill(-(child.pid as number), 'SIGINT'), 3000)
    const [code] = (await closed) as [number]
    clearInterval(repeatedSignal)
    expect(code).toBe(130)
    expect(String(Buffer.concat(errors))).toContain('what was written is incomplete')
  })
})
