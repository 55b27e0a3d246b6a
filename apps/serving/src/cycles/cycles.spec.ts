import { beforeEach, describe, expect, it } from '@jest/globals'
import type { FilledFolder } from '../../../../test/fixtures/serving/filled-folder.ts'
import { type Answer, servedFolderForTests, shopper } from '../../../../test/fixtures/serving/served-folder.ts'

describe('the answers of a cycle', () => {
  const served = servedFolderForTests()
  let filled: FilledFolder
  beforeEach(() => {
    filled = served().filled
  })

  const json = (path: string): Promise<Answer> => served().json(path)
  const problem = (path: string) => served().problem(path)

  describe('the stages', () => {
    it('are all there, empty, before the first event, and without a time', async () => {
      const answer = await json('/v1/cycles/shopper/stages')
      expect(answer.stages.map(({ id, actors }) => [id, actors])).toEqual(shopper.stages.map(({ id }) => [id, 0]))
      expect(answer).toMatchObject({ cycle: 'shopper', version: 1, total: 0, asOf: { logTime: null, ageSeconds: null } })
    })

    it('count every actor, have the log time and its age, and change with the next step', async () => {
      await filled.order('a', 0).order('b', 10).order('b', 20).tick(200).commit()
      const answer = await json('/v1/cycles/shopper/stages')
      expect(answer).toMatchObject({ total: 2, asOf: { logTime: '2026-07-20T00:00:00.000Z', ageSeconds: 7 } })
      expect(answer.stages).toContainEqual({ id: 'disengagement', title: 'Away', kind: 'lapsed', actors: 1 })
      expect(answer.stages).toContainEqual({ id: 'connection', title: 'Occasional', kind: 'active', actors: 1 })
      await filled.order('a', 201).commit()
      expect((await json('/v1/cycles/shopper/stages')).stages).toContainEqual({ id: 're-engagement', title: 'Back again', kind: 'returned', actors: 1 })
    })

    it('are those of the named cycle', async () => {
      expect(await problem('/v1/cycles/listener/stages')).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
      expect(await json('/v1/cycles')).toEqual({
        items: [
          {
            cycle: 'shopper',
            version: 1,
            title: 'Customers of a CD shop',
            actor: 'user',
            timezone: 'UTC',
            asOf: { logTime: null, ageSeconds: null },
            building: null,
            failure: null,
          },
        ],
      })
    })
  })

  describe('the actors of a stage', () => {
    it('are as many as the stage counts, by their entry, page by page', async () => {
      await filled.order('b', 1).order('a', 0).order('c', 2).tick(5).commit()
      const path = '/v1/cycles/shopper/stages/connection/actors'
      const [all, first] = [await json(path), await json(`${path}?limit=2`)]
      expect(all.items.map(({ actor, since }) => [actor.id, since])).toEqual([
        ['a', '2026-01-01T00:00:00.000Z'],
        ['b', '2026-01-02T00:00:00.000Z'],
        ['c', '2026-01-03T00:00:00.000Z'],
      ])
      expect((await json('/v1/cycles/shopper/stages')).stages).toContainEqual(expect.objectContaining({ id: 'connection', actors: all.items.length }))
      expect(all).toMatchObject({ cycle: 'shopper', stage: 'connection', asOf: { logTime: '2026-01-06T00:00:00.000Z' }, next: null })
      const second = await json(`${path}?limit=2&after=${encodeURIComponent(first.next)}`)
      expect([...first.items, ...second.items]).toEqual(all.items)
      expect(second.next).toBeNull()
    })

    it('are asked for by a stage that there is and a cursor that was given', async () => {
      expect(await json('/v1/cycles/shopper/stages/commitment/actors')).toMatchObject({ items: [], next: null, asOf: { logTime: null } })
      const { detail, ...unknown } = await problem('/v1/cycles/shopper/stages/nowhere/actors')
      expect(unknown).toEqual({ status: 404, code: 'RONDO_NOT_FOUND' })
      expect(detail).toMatch(/^There is no stage "nowhere"; the stages are connection, /)
      for (const query of ['after=x', 'after=1&after=2', 'limit=0', 'limit=1001', 'colour=red'])
        expect(await problem(`/v1/cycles/shopper/stages/connection/actors?${query}`)).toMatchObject({ status: 400, code: 'RONDO_ARGUMENT_INVALID' })
      expect(await problem('/v1/cycles/listener/stages/connection/actors')).toMatchObject({ status: 404 })
    })
  })

  describe('the flows', () => {
    it('count the effective transitions of each hour of UTC in a range', async () => {
      await filled.order('a', 0).order('b', 0).order('a', 0.5).commit()
      const answer = await json('/v1/cycles/shopper/flows?from=2026-01-01T00:00:00Z&until=2026-01-01T15:00:00%2B02:00')
      expect(answer).toMatchObject({ cycle: 'shopper', timezone: 'UTC', from: '2026-01-01T00:00:00.000Z', until: '2026-01-01T13:00:00.000Z' })
      expect(answer.items).toEqual([{ hour: '2026-01-01T00:00:00.000Z', kind: 'advance', from: 'start', to: 'connection', transitions: 2 }])
      expect((await json('/v1/cycles/shopper/flows?from=2026-01-01T01:00:00Z&until=2026-01-02T00:00:00Z')).items).toEqual([])
    })

    it.each([
      ['', /from: .*until: /],
      ['from=2026-01-01&until=2026-01-02T00:00:00Z', /from: expected an ISO 8601 time with an offset/],
      ['from=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z', /from and until: expected a range that begins before it ends/],
      ['from=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z', /from and until: expected a range of at most 31 days/],
      ['from=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z&zon=UTC', /zon: there is no such parameter; did you mean zone\?/],
    ])('of the query "%s" are refused, and the parameter is named', async (query, defect) => {
      const { status, code, detail } = await problem(`/v1/cycles/shopper/flows?${query}`)
      expect([status, code]).toEqual([400, 'RONDO_ARGUMENT_INVALID'])
      expect(detail).toMatch(defect)
    })
  })
})
