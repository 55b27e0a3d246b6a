import { afterAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { activityEventSchema } from '#contracts'
import { temporaryFolder } from '#runtime'
import { fieldValue } from '../csv/csv-row.ts'
import { readSegmentBatch } from '../dialects/segment-batch.ts'
import { openRows } from '../reading/open-rows.ts'
import { valueRefusal } from './bounds.ts'
import { readJson } from './read-json.ts'
import { toActivityEvent } from './source-row.ts'

const temporary = temporaryFolder()
afterAll(() => temporary[Symbol.dispose]())

const ARRIVAL = Date.parse('2026-01-01T00:00:00Z')

/** Number literals of JSON; literals near a limit are more frequent. */
const literals = fc.oneof(
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String),
  fc.bigInt({ min: -5n, max: 5n }).map((step) => String(2n ** 53n + step)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.tuple(fc.integer(), fc.integer({ min: -30, max: 30 })).map(([digits, power]) => `${digits}e${power}`),
  fc.constantFrom('-0', '0.0', '1e20', '12345678901234567890.0', '-1E+22'),
)

describe('JSON from outside', () => {
  it('is the same as with JSON.parse if every number is safe', () => {
    const safe = fc
      .jsonValue({ noUnicodeString: false })
      .map((value) => JSON.stringify(value, (_, inner) => (typeof inner === 'number' && Math.abs(inner) > 2 ** 53 - 1 ? 0 : inner)))
    fc.assert(fc.property(safe, (text) => expect(readJson(text)).toEqual(JSON.parse(text))))
  })

  it('keeps numbers beyond 2^53 as their text, at every depth, and does not change text that looks like such a number', () => {
    const text =
      '{"a":653247040368672769,"b":[1,{"c":-653247040368672768}],"d":"1e400 653247040368672769","__proto__":1e20,"f":9007199254740991,"e":12345678901234567890.0}'
    expect(JSON.stringify(readJson(text))).toBe(
      '{"a":"653247040368672769","b":[1,{"c":"-653247040368672768"}],"d":"1e400 653247040368672769","__proto__":"100000000000000000000","f":9007199254740991,"e":"12345678901234567890"}',
    )
  })

  it('stays the same when it is written and read again', () => {
    fc.assert(
      fc.property(fc.array(literals), (list) => {
        const once = readJson(`[${list.join(',')}]`)
        // The sign of zero is the only thing that JSON cannot write; no rule, measure or output sees it.
        expect(JSON.stringify(readJson(JSON.stringify(once)))).toBe(JSON.stringify(once))
        expect(JSON.parse(JSON.stringify(once))).toEqual(JSON.parse(JSON.stringify(readJson(JSON.stringify(once)))))
      }),
    )
  })

  it('has the values that the cells of a CSV file have', () => {
    const numbers = literals.filter((literal) => /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(literal))
    fc.assert(
      fc.property(numbers, (literal) => {
        const value = readJson(literal)
        expect(fieldValue(literal)).toEqual(typeof value === 'object' ? undefined : value)
      }),
    )
  })

  it.each([
    ['{"a":1e400}', 'a'],
    ['{"p":{"list":[1,[{"x":-1e999}]]}}', 'p.list.1.0.x'],
    ['{"p":{"x":2e308,"big":653247040368672769}}', 'p.x'],
  ])('names the place of a number that is not finite in %s, and writes it as it came', (text, path) => {
    const value = readJson(text)
    expect(valueRefusal(value)?.reason).toBe(`${path}: expected a number up to 1.8e308, found a larger one`)
    expect(JSON.stringify(value).replace('"653247040368672769"', '653247040368672769')).toBe(text)
  })
})

describe('a batch', () => {
  const call = (more: string, messageId = '"m"'): string => `{"type":"track","event":"A","userId":"u","messageId":${messageId}${more}}`
  const read = (text: string) => readSegmentBatch(readJson(text), ARRIVAL, () => 'made-up')

  it('refuses only the event with a number that is not finite, and keeps its text', () => {
    const { events, refused } = read(`{"batch":[${call('')},${call(',"properties":{"v":{"w":[1e400]}}')},${call(',"context":{"v":5}')}]}`)
    expect(events.length).toBe(2)
    expect(refused).toEqual([
      {
        index: 1,
        code: 'RONDO_EVENT_INVALID',
        path: 'properties.v.w.0',
        reason: 'properties.v.w.0: expected a number up to 1.8e308, found a larger one',
        raw: call(',"properties":{"v":{"w":[1e400]}}'),
      },
    ])
  })

  it('has all its calls refused if its own context, which they share, has a number that is not finite', () => {
    const { events, refused } = read(`{"context":{"v":1e400},"batch":[${call('')},${call(',"context":{"v":5}')}]}`)
    const reason = 'context.v: expected a number up to 1.8e308, found a larger one'
    expect(events).toEqual([])
    expect(refused).toMatchObject([
      { index: 0, reason },
      { index: 1, reason },
    ])
  })

  it('accepts ids that are numbers beyond 2^53, and different numbers stay different ids', () => {
    const { events, refused } = read(
      `{"batch":[${[653247040368672768n, 653247040368672769n].map((n) => `{"type":"track","event":"A","userId":${n},"messageId":${n + 7n}}`).join(',')}]}`,
    )
    expect(refused).toEqual([])
    expect(events.map(({ id, actor }) => [actor.id, id])).toEqual([
      ['653247040368672768', '653247040368672775'],
      ['653247040368672769', '653247040368672776'],
    ])
    for (const event of events) expect(activityEventSchema.safeParse(event).success).toBe(true)
  })
})

describe('rows of a file', () => {
  async function read(lines: readonly string[], memoryBytes: number): Promise<unknown[]> {
    const refused: string[] = []
    const stdin = (async function* () {
      yield Buffer.from(lines.join('\n'))
    })()
    const { batches } = openRows({
      input: { path: '-', stdin },
      sort: { memoryBytes, folder: temporary.path },
      onRefused: ({ line, reason }) => refused.push(`${line} ${reason}`),
    })
    const rows: string[] = []
    for await (const batch of batches) for (const row of batch) rows.push(JSON.stringify(toActivityEvent(row)))
    return [rows, refused]
  }

  it('are the same whether sorted in memory or on disk, with any content', async () => {
    const values = fc.oneof(
      literals,
      fc.constantFrom('1e400', '-1e400', 'null', '"\\ud800"', '"\\u2028\\u0000"', '{"__proto__":{"x":1},"constructor":[-0],"undefined":1}', '[[],{},""]'),
      fc.jsonValue().map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(values, fc.constantFrom('v', '__proto__', 'undefined', 'NaN'), fc.nat(3))), async (list) => {
        const lines = list.map(
          ([value, key, at], id) =>
            `{"id":"${id}","event":"A","actor":{"type":"user","id":"u"},"time":"2026-01-0${at + 1}T00:00:00Z","properties":{"${key}":${value}}}`,
        )
        const [rows, refused] = await read(lines, 1e9)
        expect(await read(lines, 0)).toEqual([rows, refused])
        expect((rows as string[]).length + (refused as string[]).length).toBe(lines.length)
      }),
    )
  })
})
