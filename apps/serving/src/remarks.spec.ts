import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { CycleDefinition } from '#contracts'
import { readDefinition } from '#cycle'
import { textLogger } from '#process'
import { SimulatedClock } from '#runtime'
import { FilledFolder, START } from '../../../test/fixtures/serving/filled-folder.ts'
import { listen, newApp } from '../../nest/src/http-app.ts'
import { ServingModule } from './serving.module.ts'

const definition = readDefinition(readFileSync('deploy/cycles/shopper.yaml', 'utf8'), 'shopper.yaml').definition as CycleDefinition

describe('beside the outcomes', () => {
  let filled: FilledFolder
  let app: NestFastifyApplication
  let url: string

  beforeEach(async () => {
    filled = new FilledFolder(definition)
    const listening = { host: '127.0.0.1', port: 0 }
    app = await newApp(ServingModule.register({ folder: filled.folder, definitions: [definition], clock: new SimulatedClock(START) }), listening, textLogger)
    url = await listen(app, listening)
  })
  afterEach(async () => {
    await app.close()
    await filled.close()
  })

  const json = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json()
  const problem = async (path: string) => (await json(path)) as { status: number; code: string; detail: string }

  describe('an actor that no rule has led into a stage', () => {
    const line = (id: string, event: string, type = 'user'): string =>
      JSON.stringify({
        id: `${id}-${event}`,
        type: 'track',
        event,
        properties: { dollars: 5 },
        actor: { type, id },
        time: '2026-01-01T00:00:00.000Z',
        receivedAt: '2026-01-01T00:00:00.000Z',
      })
    const detailOf = async (path: string) => (await problem(path)).detail

    it('is explained by its events, from the log', async () => {
      const frames = [line('a"b', 'order completed'), [line('a"b', 'order completed'), line('ab', 'x'), '{damaged "a"b"', line('a"b', 'y', 'band')].join('\n')]
      await filled.folder.writer.append(0, frames)
      await filled.commit({ offset: 1, index: 3 })
      expect(await detailOf(`/v1/actors/user/${encodeURIComponent('a"b')}`)).toBe(
        'user a"b has sent events, but is in no stage. 2 events, none matched a signal; `order completed` is not `Order Completed`. Events of no signal: `order completed` 2.',
      )
      expect(await detailOf('/v1/actors/user/b')).toBe('There is no user b here, and no event of it in the newest part of the log.')
      expect(await detailOf(`/v1/actors/band/${encodeURIComponent('a"b')}`)).toContain('1 event is of another actor type than user')
    })

    it('is explained by its events that matched a signal', async () => {
      await filled.folder.writer.append(0, [line('c', 'Order Completed')])
      await filled.commit()
      expect(await detailOf('/v1/actors?id=c')).toBe(
        'user c has sent events, but is in no stage. 1 of its newest events matched a signal, but no rule has led it into a stage.',
      )
    })

    it('is explained by events that are not folded yet, in the same frame or after it', async () => {
      await filled.folder.writer.append(0, [[line('d', 'Order Completed'), line('e', 'Order Completed')].join('\n'), line('e', 'Order Completed')])
      expect(await detailOf('/v1/actors?id=d')).toBe(
        'user d has sent events, but is in no stage yet. 1 of its events is not folded yet: the fold has not begun.',
      )
      await filled.tick(3).commit()
      expect(await detailOf('/v1/actors?id=d')).toMatch(/1 of its newest events matched/)
      expect(await detailOf('/v1/actors?id=e')).toBe(
        'user e has sent events, but is in no stage yet. 2 of its events are not folded yet: the fold is at 2026-01-04T00:00:00.000Z.',
      )
    })

    it('is explained by events that wait for an import', async () => {
      const held = [line('f', 'Order Completed'), line('f', 'x')].map((frame) => ({ frame, arrival: START }))
      await filled.folder.writer.append(0, [], { held })
      expect(await detailOf('/v1/actors?id=f')).toMatch(
        /^user f has sent events, but is in no stage yet\. 2 of its events arrived during an import: held until it has ended, and in no count yet\./,
      )
      expect(await detailOf('/v1/actors?id=nobody')).toBe('There is no user nobody here, and no event of it in the newest part of the log.')
      await filled.folder.writer.append(0, [], { held: [{ frame: line('g', 'x'.repeat(9 << 20)), arrival: START }] })
      expect(await detailOf('/v1/actors/users/f')).toMatch(/The actors of this cycle have the type user\./)
      expect(await detailOf('/v1/actors?id=f')).toMatch(/^There is no user f here, .* An import is under way: events that arrive meanwhile are held/)
    })

    it.each([
      ['2025-12-30T23:59:59.999Z', '1 event came later than the grace of 24 hours after it happened, so it was recorded and never applied.'],
      ['2025-12-31T00:00:00.000Z', '1 of its newest events matched a signal, but no rule has led it into a stage.'],
    ])('is explained by its late events: %s', async (time, expected) => {
      const late = { ...JSON.parse(line('h', 'Order Completed')), time }
      await filled.folder.writer.append(0, [JSON.stringify(late)])
      await filled.commit()
      expect(await detailOf('/v1/actors?id=h')).toBe(`user h has sent events, but is in no stage. ${expected}`)
    })
  })

  describe('an id with which no path can end', () => {
    it.each(['.', '..', '%2e%2e', 'a/../b', ' '])('%j is sent in the query', async (id) => {
      await filled.order(id, 0).commit()
      expect(await json(`/v1/actors?type=user&id=${encodeURIComponent(id)}`)).toMatchObject({ actor: { type: 'user', id }, stage: 'connection' })
      expect(await json(`/v1/actors?id=${encodeURIComponent(id)}&limit=1`)).toMatchObject({ history: [{ output: { actor: { id } } }] })
    })

    it.each(['', '?type=user', '?id=a&id=b', '?id=a&x=1'])('with %j is refused with the reason', async (query) => {
      expect(await problem(`/v1/actors${query}`)).toMatchObject({ status: 400, code: 'RONDO_ARGUMENT_INVALID' })
    })
  })

  describe('the remarks', () => {
    it('list events that match no signal, values that are left out, and suspicious ids', async () => {
      expect(await json('/v1/cycles/shopper/remarks')).toMatchObject({ partitions: { known: 0, all: 1 }, unmatched: [], words: [] })
      await filled
        .order('a', 0)
        .order('null', 1, 9e9 + 1)
        .order('b', 2, 1, 'order_completed')
        .commit()
      expect(await json('/v1/cycles/shopper/remarks')).toMatchObject({
        partitions: { known: 1, all: 1 },
        counts: { applied: 2, unmatched: 1 },
        unmatched: [{ event: 'order_completed', events: 1, near: 'Order Completed' }],
        skipped: expect.arrayContaining([{ measure: 'spent365d', numerals: 0, beyond: 1, others: 0 }]),
        suspicious: [{ actor: 'null', events: 1 }],
        words: expect.arrayContaining(['1 of 3 events matched no signal; `order_completed` is not `Order Completed`.']),
      })
      expect(await problem('/v1/cycles/listener/remarks')).toMatchObject({ status: 404 })
    })

    it('list late events, and text that a `where` compares with a number; they suggest no name if a signal has the name', async () => {
      await filled.order('a', 5).tick(6).order('b', 0).order('c', 6, '120.50').commit()
      expect(await json('/v1/cycles/shopper/remarks')).toMatchObject({
        unmatched: [{ event: 'Order Completed', events: 1, near: null }],
        texts: [{ path: 'properties.dollars', events: 1, example: '120.50' }],
        words: expect.arrayContaining([
          '1 of 3 events matched no signal; `Order Completed` is named by a signal, but its where does not hold.',
          expect.stringContaining('In 1 of these events `properties.dollars` is text (such as "120.50")'),
          '1 event came later than the grace of 24 hours after it happened, so it was recorded and never applied.',
        ]),
      })
    })

    it('belong to the named cycle, as the definition does', async () => {
      expect(await json('/v1/cycles/shopper/definition')).toEqual(JSON.parse(JSON.stringify(definition)))
      expect(await problem('/v1/cycles/listener/definition')).toMatchObject({ status: 404 })
    })
  })
})
