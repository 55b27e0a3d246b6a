import { beforeEach, describe, expect, it } from '@jest/globals'
import { DAY, type FilledFolder, START } from '../../../../test/fixtures/serving/filled-folder.ts'
import { servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'

const CYCLE = '/v1/cycles/shopper'
const day = (number: number): string => new Date(START + number * DAY).toISOString()

describe('questions about a cycle with a history', () => {
  const served = servedFolderForTests({ hasHistory: true })
  let filled: FilledFolder
  // biome-ignore lint/suspicious/noExplicitAny: answers of many forms
  const json = async (path: string): Promise<any> => await served().json(`${CYCLE}/${path}`)
  const problem = (path: string) => served().problem(`${CYCLE}/${path}`)
  beforeEach(async () => {
    filled = served().filled
    // a comes once, and goes away after 180 days; b comes again.
    await filled.order('a', 0).order('b', 1).order('b', 100).order('b', 170).tick(180.2).tick(180.5).commit()
    await served().follow({ traits: [['b', 'country', 'NL', 0]] })
  })
  const countsOf = (answer: { stages: { id: string; actors: number }[] }) =>
    Object.fromEntries(answer.stages.filter(({ actors }) => actors > 0).map(({ id, actors }) => [id, actors]))

  describe('the stages', () => {
    it('as of another moment are those of that moment, now those of the read models', async () => {
      const now = await json('stages')
      expect([countsOf(now), now.at, now.knownAt]).toEqual([{ disengagement: 1, interaction: 1 }, null, null])
      const then = await json(`stages?at=${day(1)}`)
      expect(then).toMatchObject({ cycle: 'shopper', title: 'Customers of a CD shop', at: day(1), knownAt: null, total: 1 })
      expect(countsOf(then)).toEqual({ connection: 1 })
      expect(countsOf(await json('stages?where=country:NL'))).toEqual({ interaction: 1 })
      expect(countsOf(await json('stages?where=!country'))).toEqual({ disengagement: 1 })
    })

    it('in what was known at a time do not have what a late event corrected since', async () => {
      await filled.order('a', 179.9).commit()
      await served().follow()
      const known = `known-at=${day(180.3)}`
      expect(countsOf(await json('stages'))).toEqual({ connection: 1, interaction: 1 })
      expect(countsOf(await json(`stages?${known}`))).toEqual({ disengagement: 1, interaction: 1 })
      const actor = await served().json(`/v1/actors/user/a?${known}`)
      expect([actor.stage, actor.history.map(({ output }) => output.kind)]).toEqual(['disengagement', ['disengage', 'notice', 'advance']])
      expect((await served().json('/v1/actors/user/a')).stage).toBe('connection')
    })

    it('come as CSV, and with a tag by which they are not sent again', async () => {
      const csv = await served().get(`${CYCLE}/stages`, 'text/csv')
      expect(await csv.text()).toMatch(/^id,title,kind,actors\r\nconnection,Occasional,active,0\r\n/)
      const headers = { 'if-none-match': csv.headers.get('etag') ?? '' }
      expect((await served().get(`${CYCLE}/stages`, 'text/csv', headers)).status).toBe(304)
    })
  })

  it('the actors of a stage are those of a moment, and those that came from another stage', async () => {
    expect((await json(`stages/connection/actors?at=${day(2)}`)).items).toEqual([
      { actor: { type: 'user', id: 'a' }, since: day(0) },
      { actor: { type: 'user', id: 'b' }, since: day(1) },
    ])
    const moved = await json(`stages/disengagement/actors?at=${day(181)}&source=connection&source-at=${day(2)}`)
    expect(moved).toMatchObject({ at: day(181), items: [{ actor: { id: 'a' } }], next: null })
    expect((await json(`stages/connection/actors?at=${day(1)}&source=start&source-at=${day(0)}`)).items).toMatchObject([{ actor: { id: 'a' } }])
  })

  it('an actor is in the stage of a moment, with the outputs that were in effect then, page by page', async () => {
    const ask = async (query: string) => await served().json(`/v1/actors/user/a?${query}`)
    const first = await ask(`at=${day(180)}&limit=1`)
    expect(first).toMatchObject({
      at: day(180),
      stage: 'connection',
      since: day(0),
      history: [{ output: { kind: 'notice' } }],
    })
    expect(await ask(`at=${day(180)}&limit=1&before=${first.next}`)).toMatchObject({
      stage: 'connection',
      history: [{ output: { kind: 'advance' } }],
      next: null,
    })
    expect(await ask('at=2020-01-01T00:00:00Z')).toMatchObject({ stage: null, history: [], next: null })
    expect(await served().problem(`/v1/actors/user/nobody?at=${day(1)}`)).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
  })

  it('flows are by the periods of a zone, and open the transitions behind them', async () => {
    const { items, by, timezone } = await json(`flows?from=${day(0)}&until=${day(190)}&by=month&zone=Europe/Amsterdam`)
    expect([by, timezone, items[0]]).toEqual([
      'month',
      'Europe/Amsterdam',
      expect.objectContaining({ from: 'start', to: 'connection', transitions: 2, actors: 2 }),
    ])
    const behind = await json(`transitions?from=${day(0)}&until=${day(31)}&source=start&target=connection&kind=advance`)
    expect(behind).toMatchObject({ total: 2, next: null })
    expect(behind.items[0]).toEqual({
      actor: { type: 'user', id: 'b' },
      kind: 'advance',
      from: 'start',
      to: 'connection',
      at: day(1),
      noticedAt: day(1),
      cause: expect.any(String),
      reason: 'first order',
    })
    expect((await json(`movements?from=${day(0)}&until=${day(190)}&by=month`)).items).toContainEqual(
      expect.objectContaining({ source: 'connection', target: 'disengagement', actors: 1 }),
    )
  })

  it('who left last is listed with the reason, and who is at risk with the deadline at which it leaves', async () => {
    expect(await json('left')).toMatchObject({
      total: 1,
      items: [{ actor: { id: 'a' }, kind: 'disengage', cause: 'absence', reason: expect.stringMatching(/^silent for/) }],
    })
    // c has a warning at half of its absence of 180 days.
    await filled.order('c', 182).tick(275).commit()
    await served().follow()
    const { total, items } = await json('at-risk')
    expect([total, items]).toEqual([
      1,
      [
        {
          actor: { type: 'user', id: 'c' },
          stage: 'connection',
          since: day(182),
          noticedAt: day(275),
          deadline: day(362),
          reason: expect.stringMatching(/^silent for/),
        },
      ],
    ])
    await filled.tick(400).commit()
    await served().follow()
    expect((await json('left')).items).toContainEqual(expect.objectContaining({ actor: { type: 'user', id: 'c' }, at: day(362) }))
    expect(await json('at-risk')).toMatchObject({ total: 0, items: [] })
  })

  it('a breakdown says which traits there are, and how many actors each value has in each stage', async () => {
    expect(await json('breakdowns')).toMatchObject({ trait: null, traits: [{ name: 'country', values: 1 }], items: [] })
    const { values, total, items } = await json('breakdowns?trait=country')
    expect([values, total]).toEqual([2, 2])
    expect(items).toEqual([
      { value: 'NL', total: 1, stages: { interaction: 1 } },
      { value: null, total: 1, stages: { disengagement: 1 } },
    ])
  })

  it.each([
    ['stages?at=2020-01-01T00:00:00Z', 400, /at: expected a time after 2026-01-01T00:00:00.000Z, when the first transition happened/],
    ['stages?known-at=2020-01-01T00:00:00Z', 400, /known-at: expected a time at or after 2026-01-01T00:00:00.000Z, when the first transition was noticed/],
    ['stages/nowhere/actors?at=2027-01-01T00:00:00Z', 404, /There is no stage "nowhere"; the stages are connection, /],
    ['stages/connection/actors?at=2027-01-01T00:00:00Z&after=x', 400, /after: "x" is no cursor of this list; expected the `next` of a page/],
    ['stages/connection/actors?at=2027-01-01T00:00:00Z&source=connection', 400, /source and source-at: expected both/],
    ['stages/connection/actors?source=nowhere&source-at=2027-01-01T00:00:00Z', 400, /source: there is no stage "nowhere"; the stages are connection, /],
    ['transitions?target=nowhere', 400, /target: there is no stage "nowhere"/],
    ['transitions?kind=notice', 400, /kind: expected one of advance/],
    ['left?from=2026-01-02T00:00:00Z&until=2026-01-02T00:00:00Z', 400, /from and until: expected a range that begins before it ends/],
    ['at-risk?stage=nowhere', 400, /stage: there is no stage "nowhere"/],
    ['at-risk?limit=1001', 400, /limit: expected a whole number from 1 to 1000/],
    ['breakdowns?trait=city', 400, /trait: there is no trait "city"; the traits are country/],
  ] as const)('%s is refused with %i, and says what exists', async (path, status, defect) => {
    const refused = await problem(path)
    expect(refused).toMatchObject({ status, code: status === 404 ? 'RONDO_NOT_FOUND' : 'RONDO_ARGUMENT_INVALID' })
    expect(refused.detail).toMatch(defect)
  })

  it('a cursor of one list is refused by another', async () => {
    const { next } = await json('transitions?limit=1')
    expect((await json(`transitions?limit=1&after=${next}`)).items.length).toBe(1)
    expect((await problem(`transitions?limit=1&source=connection&after=${next}`)).detail).toMatch(/is no cursor of this list/)
  })
})
