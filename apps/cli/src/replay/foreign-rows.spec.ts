import { describe, expect, it } from '@jest/globals'
import { CSV, commandFilesForTests, rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const { file, presence, cycle, rows } = commandFilesForTests()

describe('replay', () => {
  it('reports that no row was used, with the reason', async () => {
    const bad = file('none-good.csv', 'who,when\na,never\nb,9999-12-31\n')
    const { code, output, messages } = await rondo('replay', '--definition', cycle, '--input', bad, ...CSV)
    expect({ code, output }).toEqual({ code: 3, output: '' })
    expect(messages).toContain('All 2 rows were refused, so that nothing was folded; the reasons are named above.')
    expect((await rondo('replay', '--definition', cycle, '--input', rows, ...CSV)).messages).not.toContain('were refused, so that')
    const early = await rondo('replay', '--definition', cycle, '--input', rows, ...CSV, '--from', '2030-01-01')
    expect(early.messages).toContain('All 2 rows were left out by --from, so that nothing was folded. Compare --from with the times of the rows.')
    expect((await rondo('replay', '--definition', cycle, '--input', file('empty.ndjson', ''))).messages).toContain('The input has no rows')
  })

  it('refuses rows from the future, with their line, unless an option accepts them', async () => {
    const farFuture = file('far-future.csv', 'who,when\nann,2024-01-01\nann,2024-01-20\nbob,2024-01-05\nbob,9999-12-31\n')
    const replay = (...options: string[]) => rondo('replay', '--definition', cycle, '--input', farFuture, ...CSV, ...options)
    const { code, output, messages } = await replay('--until', '2024-01-25')
    expect(code).toBe(3)
    // The command runs at the beginning of 2027. Times may be five minutes ahead of it.
    expect(messages).toMatch(/far-future\.csv:5: expected a time up to 2027-01-01T00:05:00\.000Z, found 9999-12-31T00:00:00\.000Z.*RONDO_EVENT_FROM_FUTURE/)
    expect(output.trimEnd().split('\n')).toHaveLength(2)
    expect((await replay('--to', '2024-01-20')).messages).toMatch(/refused +1\n.*\n +left out by --to +1\n.*\n +events +2\n/)
    const future = await replay('--allow-future')
    expect([future.code, future.messages.includes('time passed to 9999-12-31')]).toEqual([0, true])
  })

  it('gives a row without an id an id that no other row has', async () => {
    const line = (time: string, idField = ''): string =>
      `{${idField}"type":"track","event":"A","actor":{"type":"user","id":"u"},"time":"${time}","receivedAt":"${time}"}`
    // The id of the first row is the id that the command would make for the second row: its number with twelve digits.
    const text = `${line('2026-01-01T00:00:00Z', '"id":"000000000002",')}\n${line('2026-01-01T00:00:01Z')}\n`
    const withGrace = file('with-grace.yaml', presence.replace('grace: 0s', 'grace: 1h'))
    const { messages } = await rondo('replay', '--definition', withGrace, '--input', file('one-id.ndjson', text))
    expect(messages).toMatch(/events +2\n/)
    expect(messages).toMatch(/duplicates +0\n/)
  })

  it.each([
    ['times-of-14-digits.csv', 'ann,20240101120000\nann,20240711090700\nbob,20240101120500\n', []],
    ['day-first.csv', 'ann,01/01/2024 12:00\nann,11/07/2024 09:07\nbob,01/01/2024 12:05\n', ['--time-format', 'DD/MM/YYYY HH:mm']],
    ['local-times.csv', 'ann,2024-01-01 13:00:00\nann,2024-07-11 11:07:00\nbob,2024-01-01 13:05:00\n', ['--timezone', 'Europe/Berlin']],
    ['semicolons.csv', 'ann;2024-01-01T12:00Z\rann;2024-07-11 09:07+00\rbob;20240101T1205Z\r', []],
  ])('reads the times of %s', async (name, lines, options) => {
    const head = lines.includes(';') ? 'who;when\r' : 'who,when\n'
    const { code, output } = await rondo('replay', '--definition', cycle, '--input', file(name, head + lines), ...CSV, ...options)
    const movesOf = (actor: string): string[] =>
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter((move) => move.actor.id === actor && move.kind !== 'notice')
        .map((move) => `${move.kind} ${move.at}`)
    expect(code).toBe(0)
    expect(movesOf('ann')).toEqual(['advance 2024-01-01T12:00:00.000Z', 'disengage 2024-01-31T12:00:00.000Z', 'return 2024-07-11T09:07:00.000Z'])
    expect(movesOf('bob')).toEqual(['advance 2024-01-01T12:05:00.000Z', 'disengage 2024-01-31T12:05:00.000Z'])
  })

  it('reads NDJSON of other systems with options that map its fields', async () => {
    const foreign = file('foreign.ndjson', '{"at":"01.01.2026","user":{"id":7}}\n{"created":"02.01.2026","user":{"id":8}}\n{"user":{"id":9}}\n')
    const mapping = ['--map', 'actor=user.id', 'time=["at","created"]', '--event', 'Visit', '--time-format', 'DD.MM.YYYY', '--timezone', 'Europe/Berlin']
    const { code, output, messages } = await rondo('replay', '--definition', cycle, '--input', foreign, ...mapping)
    expect(code).toBe(3)
    expect(messages).toContain(`${foreign}:3: time: expected a value at at or created, found none`)
    const advances = output.split('\n').flatMap((line) => (line.includes('"advance"') ? [JSON.parse(line)] : []))
    expect(advances.map(({ actor, at }) => [actor.id, at])).toEqual([
      ['7', '2025-12-31T23:00:00.000Z'],
      ['8', '2026-01-01T23:00:00.000Z'],
    ])
  })

  it('reports all defects of a mapping', async () => {
    const bad = ['--map', 'actor=user..id', 'tme=at', 'time', 'event=kind', 'event=name', '--event', 'A', '--timezone', 'Mars']
    const { code, messages } = await rondo('replay', '--definition', cycle, '--input', rows, ...bad)
    expect(code).toBe(2)
    const expected = [
      '--map actor: expected a path',
      'there is no part "tme"; did you mean "time"?',
      'found "time"',
      'event is given twice',
      '--event and --map event=PATH',
      '--timezone: expected',
    ]
    for (const text of expected) expect(messages).toContain(text)
    const unusable = await rondo('replay', '--definition', cycle, '--input', rows, '--map', ':', 'actor=[bad', 'properties={"a":1}', 'colour=x')
    expect(unusable.messages).toContain('--map: expected PART=PATH, such as actor=user.id, found ":"')
    expect(unusable.messages).toContain('--map actor: expected a path, or a list or an object as JSON, such as \'["at","created"]\', found "[bad"')
    expect(unusable.messages).toContain('there is no part "colour"; parts are id, event, actor, actorType, time, properties, traits, context, recorded.')
    expect((await rondo('replay', '--definition', cycle, '--input', rows, '--event', 'A')).messages).toContain('--event: for CSV, or for NDJSON with --map')
    expect((await rondo('replay', '--definition', cycle, '--input', rows, '--event', 'A', '--id', 'x')).messages).toContain('--id, --event: for CSV only')
    expect((await rondo('replay', '--definition', cycle, '--input', rows, ...CSV, '--map', 'actor=a')).messages).toContain('--map is for NDJSON')
  })
})
