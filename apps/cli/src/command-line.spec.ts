import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { timeFormats } from '#sources'
import { CSV, commandFilesForTests, rondo } from '../../../test/fixtures/processes/command-in-process.ts'

const { folder, file, presence, cycle, rows } = commandFilesForTests()

describe('help', () => {
  it.each([
    [[]],
    [['--help']],
    [['replay', '--help']],
    [['import', '--help']],
    [['definition']],
    [['definition', '--help']],
    [['definition', 'check', '--help']],
    [['definition', 'test', '--help']],
    [['definition', 'schema', '--help']],
    [['key']],
    [['key', 'create', '--help']],
    [['quarantine']],
  ])('is printed for %j', async (args) => {
    const { code, output, messages } = await rondo(...args)
    expect({ code, messages }).toEqual({ code: 0, messages: '' })
    expect(output).toContain('Usage: rondo')
  })

  it('of replay lists every form of time', async () => {
    expect((await rondo('replay', '--help')).output).toContain(timeFormats.join(', '))
  })

  it('is recommended if a command does not exist', async () => {
    expect(await rondo('repaly')).toMatchObject({ code: 2, messages: expect.stringMatching(/repaly.*replay.*--help.*RONDO_ARGUMENT_INVALID/) })
    expect(await rondo('definition', 'tset')).toMatchObject({ code: 2, messages: expect.stringContaining('tset') })
    expect(await rondo('definition', 'check')).toMatchObject({ code: 2, messages: expect.stringContaining("'file'") })
    expect(await rondo('key', 'make')).toMatchObject({ code: 2, messages: expect.stringMatching(/make.*See rondo key --help/) })
    expect(await rondo('key', 'create', '--role', 'write')).toMatchObject({ code: 2, messages: expect.stringMatching(/--name.*See rondo key create --help/) })
  })

  it.each(['replay', 'discard'])('is not needed to see that quarantine %s without a choice settles nothing', async (name) => {
    expect(await rondo('quarantine', name)).toMatchObject({ code: 2, messages: expect.stringMatching(/Say which refused events .*--all/) })
  })
})

describe('definition', () => {
  const broken = file('broken.yaml', presence.replaceAll('30d', '30x').replace('to: connection', 'to: conection'))

  it('check names every defect of every file, with its line', async () => {
    const { code, output, messages } = await rondo('definition', 'check', broken, cycle, join(folder.path, 'missing.yaml'))
    expect(code).toBe(2)
    // The warning is that a signal of this cycle also matches identify calls.
    expect(output).toBe(`${cycle}: valid, 1 warning\n`)
    expect(messages).toContain(`${broken}:9:59: error: absence: expected a duration`)
    expect(messages).toContain(`${broken}:15:40: error: to: there is no stage "conection"`)
    expect(messages).toContain('missing.yaml cannot be read: there is no such file or folder. (RONDO_DEFINITION_UNREADABLE)')
  })

  it('check takes the definitions of a folder, as rondo start does', async () => {
    const { code, output } = await rondo('definition', 'check', join(import.meta.dirname, '../../../deploy/cycles'))
    expect(code).toBe(0)
    expect(output).toMatch(/listener\.yaml: valid.*\n(?:.*\n)*.*musician\.yaml: valid.*\n(?:.*\n)*.*shopper\.yaml: valid/)
    const empty = mkdtempSync(join(folder.path, 'empty'))
    expect(await rondo('definition', 'test', empty)).toMatchObject({
      code: 2,
      messages: expect.stringContaining('has no definition: expected files that end in'),
    })
  })

  it('check prints warnings and ends with 0', async () => {
    const shop = join(import.meta.dirname, '../../../test/fixtures/cycles/shop-customer.yaml')
    expect(await rondo('definition', 'check', shop)).toMatchObject({ code: 0, messages: expect.stringMatching(/shop-customer.yaml:\d+:\d+: warning: /) })
  })

  it('check shows with dates which days a window contains, for windows of local days only', async () => {
    const measures =
      'measures:\n  n: { count: visit, within: 7d }\n  m: { days: visit, within: 7d }\n  h: { count: visit, within: 7d, buckets: 1h }\n  e: { count: visit }\n'
    const windows = file('windows.yaml', presence.replace('timezone: UTC', 'timezone: Europe/Berlin').replace('transitions:\n', `${measures}transitions:\n`))
    const { code, output } = await rondo('definition', 'check', windows)
    expect({ code, lines: output.trimEnd().split('\n').slice(1) }).toEqual({
      code: 0,
      lines: [
        '  within: 7d ("n", "m") is today and the 6 days before in Europe/Berlin: on 2026-08-20 it holds 2026-08-14 to 2026-08-20. For a window that moves by the hour, add buckets: 1h.',
      ],
    })
  })

  it('test runs the scenarios', async () => {
    const { code, output } = await rondo('definition', 'test', cycle)
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('3 passed, 0 failed') })
  })

  const failing = file('failing.yaml', presence.replace('at: 2026-01-31T00:00:00Z, to: disengagement', 'at: 2026-01-30T00:00:00Z, to: disengagement'))

  it('test ends with 1 if a scenario fails, and prints the difference', async () => {
    const { code, output, messages } = await rondo('definition', 'test', failing)
    expect(code).toBe(1)
    expect(output).toContain('FAILED a return after 40 days finds the actor away')
    expect(output).toContain('then 2: expected 2026-01-30T00:00:00.000Z to disengagement (rule went-away), but 2026-01-31T00:00:00.000Z from connection')
    expect(messages).toContain('RONDO_SCENARIO_FAILED')
  })

  it('test ends with 2 if one of several definitions is invalid', async () => {
    expect((await rondo('definition', 'test', broken, failing)).code).toBe(2)
  })

  it('reports a file that is not text', async () => {
    const binary = join(folder.path, 'binary.yaml')
    writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00, 0xc3]))
    expect(await rondo('definition', 'check', binary)).toMatchObject({ code: 2, messages: expect.stringContaining('it is not UTF-8 text') })
  })

  it('schema prints the JSON Schema for editors', async () => {
    const { code, output } = await rondo('definition', 'schema')
    expect(code).toBe(0)
    expect(JSON.parse(output)).toMatchObject({ title: 'Rondo cycle definition', type: 'object' })
    expect(await rondo('definition', 'schema', 'extra')).toMatchObject({ code: 2, output: '' })
  })
})

describe('replay refuses', () => {
  const good = ['replay', '--definition', cycle, '--input', rows, ...CSV]

  it('all defects at once: options, times, numbers and files', async () => {
    const bad = ['--definitoin', 'x', 'y', '--csv', '--from', 'yesterday', '--batch', '0', '--where', 'bot', '--time-format', 'roman', '--late', '-']
    const { code, output, messages } = await rondo('replay', ...bad, '--input', join(folder.path, 'none.csv'), '--output', join(folder.path, 'none', 'out'))
    expect({ code, output }).toEqual({ code: 2, output: '' })
    const expected = [
      '--definitoin',
      '"y"',
      '--definition FILE is missing',
      '--actor COLUMN',
      '--time COLUMN',
      '"yesterday"',
      '"0"',
      '"bot"',
      '"roman"',
      '--late',
      'none.csv',
      'none/out',
    ]
    const lines = messages.trimEnd().split('\n')
    expect(expected.filter((text) => !lines.some((line) => line.includes(text)))).toEqual([])
    expect(lines).toHaveLength(expected.length)
    expect(lines.every((line) => /^rondo: .*\. \(RONDO_[A-Z_]+\)$/.test(line))).toBe(true)
  })

  it('a broken definition, with all of its defects', async () => {
    const { code, messages } = await rondo('replay', '--definition', join(folder.path, 'broken.yaml'), '--input', rows, ...CSV)
    expect(code).toBe(2)
    expect(messages.match(/broken.yaml:\d+:\d+: error: /g)).toHaveLength(3)
    expect(messages).toContain('RONDO_DEFINITION_INVALID')
  })

  it('columns without --csv, and both ways to name an event', async () => {
    expect(await rondo('replay', '--definition', cycle, '--input', rows, '--actor', 'who', '--where', 'a=b')).toMatchObject({
      code: 2,
      messages: expect.stringContaining('--actor, --where: for CSV only'),
    })
    expect(await rondo(...good, '--event', 'A', '--event-column', 'who')).toMatchObject({ code: 2, messages: expect.stringContaining('exclude each other') })
  })

  it('--as-recorded without a column of recorded times', async () => {
    expect(await rondo(...good, '--as-recorded')).toMatchObject({ code: 2, messages: expect.stringContaining('--recorded COLUMN') })
  })

  it('columns that the file does not have, and lists those that it has', async () => {
    const { code, messages } = await rondo('replay', '--definition', cycle, '--input', rows, '--csv', '--actor', 'whom', '--time', 'then')
    expect(code).toBe(2)
    expect(messages).toContain('there is no column "whom"; there is no column "then". Its columns are: who, when.')
  })

  it('an end before the last arrival, and writes nothing', async () => {
    const kept = file('kept.ndjson', 'kept\n')
    const { code, messages } = await rondo(...good, '--until', '2026-02-28', '--output', kept)
    expect(code).toBe(2)
    expect(messages).toContain('--until 2026-02-28T00:00:00.000Z lies before the last arrival, 2026-03-01T00:00:00.000Z')
    expect(readFileSync(kept, 'utf8')).toBe('kept\n')
    expect((await rondo(...good, '--until', '2026-03-01')).code).toBe(0)
  })

  it('an output file that is also an input, under any name, or that is named twice', async () => {
    const link = join(folder.path, 'link.csv')
    symlinkSync(rows, link)
    const before = readFileSync(rows, 'utf8')
    expect(await rondo(...good, '--output', link)).toMatchObject({ code: 2, messages: expect.stringContaining('is the same file as --input') })
    expect(await rondo(...good, '--late', cycle)).toMatchObject({ code: 2, messages: expect.stringContaining('is the same file as --definition') })
    const out = join(folder.path, 'new.ndjson')
    expect(await rondo(...good, '--output', out, '--late', out)).toMatchObject({ code: 2, messages: expect.stringContaining('is the same file as --output') })
    expect(readFileSync(rows, 'utf8')).toBe(before)
  })

  it('invalid spans, separators, encodings and time zones', async () => {
    const bad = ['--from', '2026-01-02', '--to', '2026-01-01', '--delimiter', ';;', '--encoding', 'klingon', '--timezone', 'Mars/Olympus']
    const { code, messages } = await rondo(...good, ...bad)
    expect([code, messages.match(/^rondo: /gm)?.length]).toEqual([2, 4])
    for (const option of ['--to: expected a time after --from 2026-01-02', '--delimiter', '--encoding', '--timezone']) expect(messages).toContain(option)
  })

  it('folders', async () => {
    const path = join(folder.path, 'folder')
    mkdirSync(path)
    const { code, messages } = await rondo('replay', '--definition', path, '--input', path, '--output', path)
    expect(code).toBe(2)
    expect(messages.match(/it is a folder/g)).toHaveLength(3)
  })
})

describe('replay', () => {
  it('names refused rows with their lines, folds the others and ends with 3', async () => {
    const some = file('some.csv', 'who,when\na,2026-01-01\n,2026-01-02\nb,someday\nb,2026-01-05,x\nb,2026-03-01\n')
    const { code, output, messages } = await rondo('replay', '--definition', cycle, '--input', some, ...CSV)
    expect(code).toBe(3)
    for (const line of [3, 4, 5]) expect(messages).toContain(`${some}:${line}: `)
    expect(messages).toMatch(/rows read +5\n +refused +3\n/)
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind),
    ).toEqual(['advance', 'advance', 'disengage'])
  })

  it('names a hundred refused rows and counts the others', async () => {
    const bad = file('bad.csv', `who,when\n${'a,never\n'.repeat(150)}`)
    const { code, messages } = await rondo('replay', '--definition', cycle, '--input', bad, ...CSV)
    expect(code).toBe(3)
    expect(messages.match(/bad.csv:\d+:/g)).toHaveLength(100)
    expect(messages).toContain('50 more refused rows are not named')
  })

  it('moves time to --until; outputs of that time have the origin backfill too', async () => {
    const { code, output } = await rondo('replay', '--definition', cycle, '--input', rows, ...CSV, '--until', '2026-05-01')
    const outputs = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect(code).toBe(0)
    expect(outputs.at(-1)).toMatchObject({ kind: 'disengage', at: '2026-03-31T00:00:00.000Z', noticedAt: '2026-05-01T00:00:00.000Z' })
    expect(new Set(outputs.map(({ origin }) => origin))).toEqual(new Set(['backfill']))
  })

  it('writes an empty file and a summary with every stage for an input without rows', async () => {
    const { code, output, messages } = await rondo('replay', '--definition', cycle, '--input', file('empty.ndjson', ''))
    expect({ code, output }).toEqual({ code: 0, output: '' })
    for (const stage of ['connection', 'disengagement', 're-engagement']) expect(messages).toMatch(new RegExp(`${stage} +0  -`))
  })

  it('writes late events with the reason and the log time at which they were refused', async () => {
    const recorded = file('recorded.csv', 'who,when,noted\na,2026-02-01,2026-02-01\nb,2026-01-01,2026-02-02\n')
    const late = join(folder.path, 'late.ndjson')
    const { code, messages } = await rondo('replay', '--definition', cycle, '--input', recorded, ...CSV, '--recorded', 'noted', '--as-recorded', '--late', late)
    expect(code).toBe(0)
    expect(messages).toMatch(/late \(grace\) +1\n/)
    expect(JSON.parse(readFileSync(late, 'utf8'))).toEqual({
      reason: 'grace',
      logTime: '2026-02-01T00:00:00.000Z',
      event: expect.objectContaining({ actor: { type: 'user', id: 'b' }, time: '2026-01-01T00:00:00.000Z', receivedAt: '2026-02-02T00:00:00.000Z' }),
    })
  })
})
