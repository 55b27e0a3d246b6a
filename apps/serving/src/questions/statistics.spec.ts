import { beforeEach, describe, expect, it } from '@jest/globals'
import { DAY, type FilledFolder, START } from '../../../../test/fixtures/serving/filled-folder.ts'
import { servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'

const PATH = '/v1/cycles/shopper'
const RANGE = 'from=2026-01-01T00:00:00Z&until=2026-12-01T00:00:00Z'

describe('statistics over HTTP', () => {
  const served = servedFolderForTests({ hasHistory: true })
  let filled: FilledFolder
  beforeEach(async () => {
    filled = served().filled
    // a comes again after an absence, b stays away, c has just come.
    await filled.order('a', 0).order('b', 1).tick(190).commit()
    await filled.order('a', 200).order('c', 201).tick(202).commit()
    const active = [['a', 0] as const, ['b', 1] as const, ['a', 200] as const, ['c', 201] as const]
    await served().follow({ active: active.map(([id, day]) => [id, START + day * DAY]), traits: [['a', 'country', 'NL', 0]] })
  })
  const itemsOf = async (question: string): Promise<Record<string, unknown>[]> =>
    (await served().json(`${PATH}/${question}`)).items as unknown as Record<string, unknown>[]

  it('say how long actors stay in each stage, and where they go', async () => {
    const answer = await served().json(`${PATH}/dwell?${RANGE}&zone=Europe/Amsterdam`)
    expect(answer).toMatchObject({
      cycle: 'shopper',
      timezone: 'Europe/Amsterdam',
      from: '2026-01-01T00:00:00.000Z',
      until: '2026-12-01T00:00:00.000Z',
      asOf: { logTime: '2026-07-22T00:00:00.000Z' },
    })
    expect(answer.items.map((item) => Reflect.get(item, 'stage'))).toEqual((await served().json(`${PATH}/stages`)).stages.map(({ id }) => id))
    const left = 180 * DAY
    const next = [{ to: 'disengagement', kind: 'disengage', stays: 2, share: 1 }]
    expect(answer.items[0]).toMatchObject({ stage: 'connection', stays: 3, running: 1, median: left, p25: left, p90: left, medianUpper: left, next })
  })

  it('have the survival curve of a stage with the ways out, or of the way to another stage', async () => {
    const answer = await served().json(`${PATH}/survival?${RANGE}&stage=connection`)
    const [point, end] = [
      { ms: DAY, atRisk: 3, events: 0, censored: 1, survival: 1, lower: 1, upper: 1 },
      { ms: 180 * DAY, atRisk: 2, events: 2, censored: 0, survival: 0, lower: 0, upper: 0 },
    ]
    expect(answer).toMatchObject({ stage: 'connection', to: 'any', stays: 3, events: 2, distinct: 2, thinned: false, median: 180 * DAY, points: [point, end] })
    const incidence = [
      { to: 'disengagement', points: [{ ms: DAY, incidence: 0, lower: 0, upper: 0 }, expect.objectContaining({ ms: 180 * DAY, incidence: 1 })] },
    ]
    expect(answer).toMatchObject({ incidence })
    const csv = await (await served().get(`${PATH}/survival?${RANGE}&stage=connection`, 'text/csv')).text()
    expect(csv).toMatch(/^ms,atRisk,events,censored,survival,lower,upper,incidence\.disengagement\r\n86400000,3,0,1,1,1,1,0\r\n/)
    const passage = await served().json(`${PATH}/survival?${RANGE}&stage=connection&to=re-engagement`)
    expect(passage).toMatchObject({ to: 're-engagement', stays: 3, events: 1, median: 200 * DAY, incidence })
  })

  it('have the time until actors that left returned, by cause', async () => {
    const [item, ...others] = await itemsOf(`returns?${RANGE}`)
    expect([item, others]).toMatchObject([{ left: 2, returned: 1, away: 1, median: 20 * DAY, thinned: false }, []])
    expect(item?.['points']).toMatchObject([
      { ms: 20 * DAY, atRisk: 2, events: 1, survival: 0.5 },
      { ms: 21 * DAY, censored: 1 },
    ])
    expect(await itemsOf(`returns?${RANGE}&where=country:NL`)).toMatchObject([{ left: 1, returned: 1, away: 0 }])
  })

  it('have new, returning, resurrecting and dormant actors by period', async () => {
    const items = await itemsOf(`lifecycle?from=2026-01-01T00:00:00Z&until=2026-08-01T00:00:00Z&by=month`)
    expect(items.map((item) => [item['new'], item['returning'], item['resurrecting'], item['dormant'], item['quickRatio'], item['complete']])).toEqual([
      [2, 0, 0, 0, null, true],
      [0, 0, 0, 2, 0, true],
      ...Array.from({ length: 4 }, () => [0, 0, 0, 0, null, true]),
      [1, 0, 1, 0, null, false],
    ])
    expect(items[0]).toMatchObject({ from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z', shares: { new: 1, returning: 0, resurrecting: 0 } })
    expect(items[1]).toMatchObject({ shares: null })
  })

  it('have the active actors of each day, and of the 7 and 30 days that end with it', async () => {
    const items = await itemsOf('activity?from=2026-07-19T22:00:00Z&until=2026-07-22T22:00:00Z&zone=Europe/Amsterdam')
    expect(items).toEqual([
      { day: '2026-07-19T22:00:00.000Z', complete: true, dau: 1, wau: 1, mau: 1, stickiness: 1 },
      { day: '2026-07-20T22:00:00.000Z', complete: true, dau: 1, wau: 2, mau: 2, stickiness: 0.5 },
      { day: '2026-07-21T22:00:00.000Z', complete: false, dau: 0, wau: 2, mau: 2, stickiness: 0 },
    ])
  })

  it('have cohorts by the period in which actors came first, and how many came again', async () => {
    const items = await itemsOf('retention?from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z&by=month&periods=6')
    expect(items).toEqual([{ from: '2026-01-01T00:00:00.000Z', until: '2026-02-01T00:00:00.000Z', size: 2, active: [2, 0, 0, 0, 0, 0, 1], completePeriods: 6 }])
  })

  it.each([
    ['dwell?from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', /from and until: expected a range that begins before it ends/],
    [`dwell?${RANGE}&where=city:Goes`, /where: there is no trait "city"; the traits are country/],
    [`dwell?${RANGE}&by=day`, /by: there is no such parameter/],
    [`survival?${RANGE}`, /stage: expected the id of a stage, once/],
    [`survival?${RANGE}&stage=nowhere`, /stage: there is no stage "nowhere"; the stages are connection, /],
    [`survival?${RANGE}&stage=connection&to=nowhere`, /to: there is no stage "nowhere"; the stages are connection, /],
    [`retention?${RANGE}&periods=101`, /periods: expected a whole number from 1 to 100/],
    [
      'retention?from=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z&by=hour&periods=50',
      /from and until: expected at most 1960 periods that are followed for 50 more/,
    ],
  ])('refuse %s and name the parameter', async (question, defect) => {
    const { status, code, detail } = await served().problem(`${PATH}/${question}`)
    expect([status, code]).toEqual([400, 'RONDO_ARGUMENT_INVALID'])
    expect(detail).toMatch(defect)
  })
})
