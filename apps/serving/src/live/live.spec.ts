import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { EventStream, type EventStreamRequest } from '../../../../test/fixtures/http/event-stream.ts'
import { type ServedFolder, servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'

const served = servedFolderForTests()
let opened: EventStream[] = []
beforeEach(() => {
  opened = []
})
afterEach(() => {
  for (const stream of opened) stream.leave()
})

async function open(query = '', request: EventStreamRequest = {}, { url }: Pick<ServedFolder, 'url'> = served()): Promise<EventStream> {
  const stream = await EventStream.open(`${url}/v1/cycles/shopper/live${query}`, request)
  opened.push(stream)
  return stream
}

const idsOf = (outputs: readonly Output[]): string[] => outputs.map(({ actor }) => actor.id)

describe('a live stream', () => {
  it('begins with how fresh all is and with the counts, then has outputs with their sentences, and counts that have changed', async () => {
    await served().filled.order('a', 0).commit()
    const stream = await open()
    await stream.has(1, 'counts')
    expect(stream.events.map(({ event }) => event)).toEqual(['freshness', 'counts'])
    expect(stream.of('freshness')).toEqual([{ asOf: { logTime: null, ageSeconds: null } }])
    expect(stream.of('counts')[0]).toMatchObject({ total: 1, stages: { connection: 1, interaction: 0 } })
    await served().filled.order('a', 2).tick(3).commit()
    const [output] = await stream.has(1, 'output')
    const page = await served().json('/v1/transitions?words=true&newest=1')
    const { words, output: published, cursor } = page.items[0] as (typeof page.items)[number]
    expect(output).toEqual({ ...published, words })
    expect(stream.events.find(({ event }) => event === 'output')?.id).toBe(String(cursor))
    expect((await stream.has(2, 'counts'))[1]).toMatchObject({
      total: 1,
      stages: { connection: 0, interaction: 1 },
      asOf: { logTime: '2026-01-04T00:00:00.000Z' },
    })
  })

  it('has the outputs alone that its query chooses, and counts or outputs alone', async () => {
    const [counts, kinds, stages, causes, actors] = [
      await open('?events=counts'),
      await open('?events=output&kind=notice&kind=disengage'),
      await open('?events=output&stage=interaction'),
      await open('?events=output&cause=no-such-cause'),
      await open('?events=output&actor=user:b&actor=user:c:d'),
    ]
    await served().filled.order('a', 0).order('b', 1).order('a', 2).order('c:d', 3).tick(200).commit()
    const all = (await served().json('/v1/transitions?limit=1000')).items.map(({ output }) => output)
    const expected = {
      kinds: all.filter(({ kind }) => kind === 'notice' || kind === 'disengage'),
      stages: all.filter(({ from, to }) => from === 'interaction' || to === 'interaction'),
      actors: all.filter(({ actor }) => actor.id !== 'a'),
    }
    for (const list of Object.values(expected)) expect(list.length).toBeGreaterThan(1)
    expect(idsOf(await kinds.has(expected.kinds.length, 'output'))).toEqual(idsOf(expected.kinds))
    expect((await stages.has(expected.stages.length, 'output')).map(({ id }) => id)).toEqual(expected.stages.map(({ id }) => id))
    expect((await actors.has(expected.actors.length, 'output')).map(({ id }) => id)).toEqual(expected.actors.map(({ id }) => id))
    await counts.has(2, 'counts')
    expect([counts.of('output'), causes.of('output'), kinds.of('counts')]).toEqual([[], [], []])
  })

  it('continues behind the last event that its client has read, as it does after a place in its query', async () => {
    const first = await open('?events=output')
    await served().filled.order('a', 0).order('b', 1).commit()
    await first.has(2, 'output')
    first.leave()
    await served().filled.order('c', 2).order('d', 3).commit()
    const again = await open('?events=output&after=0', { lastEventId: first.lastEventId })
    expect(idsOf(await again.has(2, 'output'))).toEqual(['c', 'd'])
    const behind = await open('?events=output&after=0')
    expect(idsOf(await behind.has(4, 'output'))).toEqual(['a', 'b', 'c', 'd'])
    await served().filled.order('e', 4).commit()
    expect(idsOf(await behind.has(5, 'output'))).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(idsOf(await again.has(3, 'output'))).toEqual(['c', 'd', 'e'])
  })

  it.each(['1000000', 'x', '1.2'])(
    'says reset, and continues at the present end, if its client was at the place %s, which is not there',
    async (lastEventId) => {
      await served().filled.order('a', 0).commit()
      const stream = await open('?events=output', { lastEventId })
      const [reset] = await stream.has(1, 'reset')
      expect(reset).toEqual({ reason: expect.stringContaining('place') })
      await served().filled.order('b', 1).commit()
      expect(idsOf(await stream.has(1, 'output'))).toEqual(['b'])
    },
  )

  it('is refused if its query cannot be used, with what exists', async () => {
    const path = '/v1/cycles/shopper/live'
    expect((await served().problem(`${path}?stage=nowhere`)).detail).toContain('stage: there is no stage "nowhere"; the stages are connection')
    expect((await served().problem(`${path}?events=all&kind=jump&actor=b&after=x`)).detail).toMatch(/events: .*kind: .*actor: .*after: /)
    expect(await served().problem('/v1/cycles/nothing/live')).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
  })

  it('ends in order when the process does', async () => {
    await served().filled.order('a', 0).commit()
    const stream = await open('?after=0')
    await stream.has(1, 'output')
    await served().app.close()
    await stream.has(Number.POSITIVE_INFINITY, 'output')
    expect([stream.ended, stream.rest, stream.of('output').length]).toEqual(['in order', '', 1])
  })

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${served().url}/v1/cycles/shopper/live`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'text/event-stream; charset=utf-8', ''])
  })
})
