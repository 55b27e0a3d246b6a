import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { eventually } from '../../../test/fixtures/eventually.ts'
import type { FilledFolder } from '../../../test/fixtures/serving/filled-folder.ts'
import { type Answer, type AnswerItem, servedFolderForTests } from '../../../test/fixtures/serving/served-folder.ts'

describe('what is read over HTTP', () => {
  const served = servedFolderForTests()
  let filled: FilledFolder
  beforeEach(() => {
    filled = served().filled
  })

  const get = (path: string, accept?: string): Promise<Response> => served().get(path, accept)
  const json = (path: string): Promise<Answer> => served().json(path)
  const problem = (path: string) => served().problem(path)

  describe('an actor', () => {
    it('is in the stage of the last transition, with the receipts as sentences', async () => {
      await filled.order('a', 0).order('a', 10).commit()
      const { stage, title, since, history, next } = await json('/v1/actors/user/a')
      expect({ stage, title, since, next }).toEqual({ stage: 'interaction', title: 'Came again', since: '2026-01-11T00:00:00.000Z', next: null })
      expect(history.map(({ words }) => words)).toEqual([
        'user a moved on, from Occasional to Came again: ordered again within 90 days (Days with an order in 90 days: 2)',
        'user a began at Occasional: first order',
      ])
      expect(history[0]).toMatchObject({ retracted: false, output: { evidence: { event: 'e2', recent: { orderDays90d: ['e2', 'e1'] } } } })
      expect(history[0]?.grounds).toContain('caused by event e2')
    })

    it('shows retracted outputs, and the event that retracted them', async () => {
      await filled.order('a', 0).tick(180.5).order('a', 179.9).commit()
      const { stage, history } = await json('/v1/actors/user/a')
      expect(stage).toBe('connection')
      expect(history.map(({ output, retracted }) => [output.kind, retracted])).toEqual([
        ['retraction', false],
        ['disengage', true],
        ['notice', false],
        ['advance', false],
      ])
    })

    it('has a history that is read page by page', async () => {
      for (let day = 0; day < 1000; day += 200) filled.order('a', day)
      await filled.commit()
      const all = (await json('/v1/actors/user/a')).history
      expect(all.length).toBeGreaterThan(8)
      const read: AnswerItem[] = []
      for (let next = Number.MAX_SAFE_INTEGER; next !== null; ) {
        const page = await json(`/v1/actors/user/a?limit=4&before=${next}`)
        read.push(...page.history)
        next = page.next
      }
      expect(read).toEqual(all)
    })

    it.each(['a/b', '%', 'Zoë 🎵', '..', 'x?y=1#z', `${'é'.repeat(128)}`, '<script>'])('may have the id %s', async (id) => {
      await filled.order(id, 0).commit()
      const path = `/v1/actors/user/${encodeURIComponent(id).replaceAll('.', '%2E')}`
      // Clients resolve dot segments, encoded or not, before they send anything: such an id cannot be asked for by URL.
      if (id === '..') expect((await get(path)).status).toBe(400)
      else expect(await json(path)).toMatchObject({ actor: { type: 'user', id }, stage: 'connection' })
    })

    it('is not found if it never sent an event', async () => {
      const detail = 'There is no user nobody here, and no event of it in the newest part of the log.'
      expect(await problem('/v1/actors/user/nobody')).toEqual({ status: 404, code: 'RONDO_NOT_FOUND', detail })
      expect(await problem('/v1/actors/user/%zz')).toMatchObject({ status: 400, code: 'RONDO_ARGUMENT_INVALID' })
      expect(await problem('/v1/actors/musician/a')).toMatchObject({ status: 404 })
    })
  })

  describe('the feed', () => {
    beforeEach(() => filled.order('a', 0).order('b', 1).order('a', 2).commit())

    it('is read from a cursor, in order, each output once, as the text that was published', async () => {
      const first = await json('/v1/transitions?limit=2')
      expect(first.items.map(({ output }) => [output.actor.id, output.to])).toEqual([
        ['a', 'connection'],
        ['b', 'connection'],
      ])
      const second = await json(`/v1/transitions?limit=2&after=${first.next}`)
      expect(second.items.map(({ output }) => [output.actor.id, output.to])).toEqual([['a', 'interaction']])
      const end = await json(`/v1/transitions?after=${second.next}`)
      expect(end).toEqual({ items: [], next: second.next })
    })

    it('is NDJSON for clients that accept it, with the next cursor in a header', async () => {
      const response = await get('/v1/transitions?words=true', 'application/x-ndjson')
      expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/)
      const lines = (await response.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines).toEqual((await json('/v1/transitions?words=true')).items)
      expect(response.headers.get('rondo-next')).toBe(String(lines.at(-1).cursor))
      expect(lines[0].words).toBe('user a began at Occasional: first order')
    })

    it('begins at its newest outputs if they are requested', async () => {
      const all = await json('/v1/transitions')
      expect(await json('/v1/transitions?newest=2')).toEqual({ items: all.items.slice(1), next: all.next })
      expect(await json('/v1/transitions?newest=0')).toEqual({ items: [], next: all.next })
    })

    describe('with a wait', () => {
      // A wait ends when the test advances the timers; a wait that should end in another way would make the test hang.
      beforeEach(() => {
        jest.useFakeTimers({
          doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval'],
        })
      })
      afterEach(() => {
        jest.useRealTimers()
      })
      const untilHeld = (count: number): Promise<number> =>
        eventually(
          () => jest.getTimerCount(),
          (found) => found === count,
        )

      it('holds an answer back until something comes', async () => {
        const { next } = await json('/v1/transitions?newest=0')
        const waiting = [1, 2, 3].map(() => json(`/v1/transitions?after=${next}&wait=30`))
        await untilHeld(3)
        await filled.order('c', 3).commit()
        for (const { items } of await Promise.all(waiting)) expect(items.map(({ output }) => output.actor.id)).toEqual(['c'])
      })

      it('answers with nothing when the wait is over, and at once when the server stops', async () => {
        const { next } = await json('/v1/transitions?newest=0')
        const over = json(`/v1/transitions?after=${next}&wait=30`)
        await untilHeld(1)
        jest.advanceTimersByTime(30_000)
        expect(await over).toEqual({ items: [], next })
        const held = json(`/v1/transitions?after=${next}&wait=30`)
        await untilHeld(1)
        await served().app.close()
        expect(await held).toEqual({ items: [], next })
      })

      it('ends its polls when no request waits', async () => {
        const client = new AbortController()
        const request = fetch(`${served().url}/v1/transitions?after=1000&wait=30`, { signal: client.signal })
        await untilHeld(1)
        client.abort()
        await expect(request).rejects.toThrow()
        await eventually(
          () => jest.getTimerCount(),
          (count) => count === 0,
        )
      })

      it('ends the wait of a client that ends its side, and answers it', async () => {
        const { hostname, port } = new URL(served().url)
        const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
        socket.write(`GET /v1/transitions?after=1000&wait=30 HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
        await untilHeld(1)
        socket.end()
        expect(await text(socket)).toContain('"items":[]')
      })
    })
  })

  it('reports all defects of a query', async () => {
    const { status, code, detail } = await problem('/v1/transitions?after=-1&limit=1001&wait=31&words=yes&colour=red')
    expect([status, code]).toEqual([400, 'RONDO_ARGUMENT_INVALID'])
    for (const name of ['after', 'limit', 'wait', 'words', 'colour']) expect(detail).toContain(`${name}: `)
    for (const query of ['after=1&newest=1', 'after=', 'after=1&after=2', 'limit=0', 'limit=1e3', 'newest=1001', 'after=9007199254740993']) {
      expect(await problem(`/v1/transitions?${query}`)).toMatchObject({ status: 400, code: 'RONDO_ARGUMENT_INVALID' })
    }
    expect(await problem('/v1/actors/user/a?before=x&limit=501')).toMatchObject({ status: 400 })
    expect(await problem('/v1/late?after=x')).toMatchObject({ status: 400 })
  })

  it('shows late events', async () => {
    expect(await json('/v1/late')).toEqual({ items: [], next: 0 })
  })

  describe('the page', () => {
    it('may load only its own files, which the build adds to those of the sources', async () => {
      const response = await get('/')
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const html = await response.text()
      expect(html).not.toMatch(/\son\w+=|style=|https?:/)
      const files = [...html.matchAll(/(?:src|href)="(\/page\/[^"]+)"/g)].map(([, path]) => path as string)
      expect(files).toEqual(['/page/icon.svg', '/page/dashboard.css', '/page/dashboard.js'])
      expect((await get('/page/icon.svg')).headers.get('content-type')).toBe('image/svg+xml')
    })

    it('is sent again only if it has changed', async () => {
      const etag = (await get('/page/icon.svg')).headers.get('etag') ?? ''
      const again = await fetch(`${served().url}/page/icon.svg`, { headers: { 'if-none-match': etag } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    })

    it.each(['/page/..%2Fpage.controller.ts', '/page/%2e%2e%2fserving.module.ts', '/page/nothing.js', '/page/'])('gives no file at %s', async (path) => {
      expect(await problem(path)).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
    })
  })

  it('sends errors with the same headers, and forbids caches to keep answers', async () => {
    const response = await get('/v1/actors/user/nobody')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await problem('/nothing/here')).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
  })
})
