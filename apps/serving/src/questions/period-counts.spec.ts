import { beforeEach, describe, expect, it } from '@jest/globals'
import type { FilledFolder } from '../../../../test/fixtures/serving/filled-folder.ts'
import { servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'

const PATH = '/v1/cycles/shopper/counts'
const JANUARY = 'from=2026-01-01T00:00:00Z&until=2026-01-04T00:00:00Z'

describe('the counts of a range', () => {
  const served = servedFolderForTests({ hasHistory: true })
  let filled: FilledFolder
  beforeEach(async () => {
    filled = served().filled
    await filled.order('a', 0).order('b', 1).order('c', 2).tick(5).commit()
    await served().follow({ traits: ['a', 'b'].map((id) => [id, 'country', 'NL', 0] as const) })
  })

  it('have who was in each stage at the begin and at the end of each day, and who entered and left', async () => {
    const answer = await served().json(`${PATH}?${JANUARY}`)
    expect(answer).toMatchObject({
      cycle: 'shopper',
      timezone: 'UTC',
      from: '2026-01-01T00:00:00.000Z',
      until: '2026-01-04T00:00:00.000Z',
      by: 'day',
      asOf: { logTime: '2026-01-06T00:00:00.000Z', ageSeconds: 195 * 86_400 + 7 },
    })
    expect(answer.items.map((item) => [Reflect.get(item, 'total'), Reflect.get(item, 'stages').connection])).toEqual([
      [1, { before: 0, entered: 1, left: 0, after: 1 }],
      [2, { before: 1, entered: 1, left: 0, after: 2 }],
      [3, { before: 2, entered: 1, left: 0, after: 3 }],
    ])
    expect(answer.stages.map(({ id }) => id)).toEqual(Object.keys(Reflect.get(answer.items[0] ?? {}, 'stages')))
  })

  it('are by days of another zone, and of some actors alone', async () => {
    const answer = await served().json(`${PATH}?${JANUARY}&zone=Europe/Amsterdam&by=month&where=country:NL`)
    expect(answer).toMatchObject({ timezone: 'Europe/Amsterdam', from: '2025-12-31T23:00:00.000Z', until: '2026-01-31T23:00:00.000Z' })
    expect(answer.items).toEqual([expect.objectContaining({ total: 2 })])
    expect((await served().json(`${PATH}?${JANUARY}&where=country:NL&where=country:DE`)).items.at(-1)).toMatchObject({ total: 0 })
  })

  it('come as CSV and as lines, too', async () => {
    const csv = await served().get(`${PATH}?${JANUARY}&by=month`, 'text/csv')
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('rondo-as-of')).toBe('2026-01-06T00:00:00.000Z')
    expect(await csv.text()).toMatch(/^from,until,total,stages\.connection\.before,.*\r\n2026-01-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,3,0,3,0,3,/)
    const lines = await (await served().get(`${PATH}?${JANUARY}`, 'application/x-ndjson')).text()
    const { items } = await served().json(`${PATH}?${JANUARY}`)
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(items)
  })

  it('are not sent again while they are the same, though time has moved on', async () => {
    const tag = (await served().get(`${PATH}?${JANUARY}`)).headers.get('etag') ?? ''
    await filled.tick(6).commit()
    await served().follow()
    const again = await served().get(`${PATH}?${JANUARY}`, 'application/json', { 'if-none-match': tag })
    expect([again.status, await again.text(), again.headers.get('rondo-as-of')]).toEqual([304, '', '2026-01-07T00:00:00.000Z'])
    await filled.order('b', 7).commit()
    await served().follow()
    const same = { 'if-none-match': `"other", ${tag}` }
    expect((await served().get(`${PATH}?${JANUARY}`, 'application/json', same)).status).toBe(304)
    expect((await served().get(`${PATH}?from=2026-01-01T00:00:00Z&until=2026-01-09T00:00:00Z`, 'application/json', same)).status).toBe(200)
  })

  it.each([
    ['', /from: expected a time, once; until: expected a time, once/],
    ['from=2026-01-01&until=2026-01-02T00:00:00Z', /from: expected an ISO 8601 time with an offset/],
    ['from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', /from and until: expected a range that begins before it ends/],
    ['from=2000-01-02T00:00:00Z&until=2026-01-01T00:00:00Z&by=hour', /from and until: expected a range of at most 10000 periods \(by=hour\)/],
    ['from=9999-12-31T00:00:00Z&until=9999-12-31T01:00:00Z&by=month', /from and until: expected a range whose periods are within the years 1 to 9999/],
    [`${JANUARY}&by=year`, /by: expected one of hour, day, week, month/],
    [`${JANUARY}&zone=Europe/Amsterdm`, /zone: expected an IANA time zone such as Europe\/Amsterdam; did you mean Europe\/Amsterdam\?/],
    [`${JANUARY}&zone=${'x'.repeat(1000)}`, /zone: expected an IANA time zone such as Europe\/Amsterdam\.$/],
    [`${JANUARY}&where=NL`, /where: expected TRAIT:VALUE, such as country:NL/],
    [`${JANUARY}&where=city:Goes`, /where: there is no trait "city"; the traits are country/],
    [`${JANUARY}&colour=red`, /colour: there is no such parameter/],
  ])('of the query "%s" are refused, and the parameter is named', async (query, defect) => {
    const { status, code, detail } = await served().problem(`${PATH}?${query}`)
    expect([status, code]).toEqual([400, 'RONDO_ARGUMENT_INVALID'])
    expect(detail).toMatch(defect)
  })
})

describe('without a history', () => {
  const served = servedFolderForTests()

  it('a question about a range has the remedy as its answer, after its parameters are checked', async () => {
    const { status, code, detail } = await served().problem(`${PATH}?${JANUARY}`)
    expect([status, code]).toEqual([503, 'RONDO_HISTORY_UNAVAILABLE'])
    expect(detail).toContain('RONDO_HISTORY=FOLDER')
    expect(await served().problem(`${PATH}?${JANUARY}&by=year`)).toMatchObject({ status: 400 })
    expect(await served().problem(`/v1/cycles/nowhere/counts?${JANUARY}`)).toMatchObject({ status: 404 })
  })
})
