import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RondoError } from '#contracts'
import type { Feed, FeedRecord } from '#event-log'
import { narrationOf } from '#projections'
import { SimulatedClock } from '#runtime'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { FeedWatch } from '../feed/feed-watch.ts'
import { MergedFeed } from '../feed/merged-feed.ts'
import { LiveBudget } from './live-budget.ts'
import { LiveCycle } from './live-cycle.ts'

/** A partition whose outputs the test adds and removes. */
class GrowingFeed implements Feed {
  readonly #records: FeedRecord[] = []
  #beginning = 0

  constructor(private readonly partition: number) {}

  add(second: number): void {
    const cursor = (this.#records.at(-1)?.cursor ?? 0) + 1 + (second % 3)
    const noticedAt = new Date(second * 1000).toISOString()
    const id = `${this.partition}-${this.#records.length}`
    const rest = { cause: 'x', at: noticedAt, rule: 'r', evidence: { measures: {}, event: null, recent: {}, deadline: null } }
    this.#records.push({ cursor, output: JSON.stringify({ id, kind: 'advance', from: 'start', to: 'here', actor: { type: 'user', id }, noticedAt, ...rest }) })
  }

  /** Removes all records so far, as the retention of a topic does. */
  forget(): void {
    this.#beginning = this.#records.at(-1)?.cursor ?? 0
  }

  async read(after: number, limit: number): Promise<FeedRecord[]> {
    await turn()
    if (after < this.#beginning) throw new RondoError('RONDO_LOG_INCOMPLETE', 'deleted')
    return this.#records.filter(({ cursor }) => cursor > after).slice(0, limit)
  }

  async newest(limit: number): Promise<FeedRecord[]> {
    await turn()
    return limit === 0 ? [] : this.#records.slice(-limit)
  }
}

/** One cycle over growing partitions, and clients of it. */
class Stage {
  readonly feeds: readonly GrowingFeed[]
  readonly #feed: MergedFeed
  readonly #watch: FeedWatch
  readonly #models = { asOf: async () => 0, stageCounts: async () => ({ asOf: 0, total: 0, stages: new Map() }) }
  live: LiveCycle

  constructor(partitions: number) {
    this.feeds = Array.from({ length: partitions }, (_, partition) => new GrowingFeed(partition))
    this.#feed = new MergedFeed(this.feeds)
    this.#watch = new FeedWatch(this.#feed, 1)
    this.live = this.#open()
  }

  restart(): void {
    this.live.close()
    this.live = this.#open()
  }

  close(): void {
    this.live.close()
    this.#watch.close()
  }

  #open(): LiveCycle {
    const sources = { feed: this.#feed, watch: this.#watch, models: this.#models, definition: presence, narration: narrationOf(presence) }
    return new LiveCycle({ ...sources, clock: new SimulatedClock(0) }, new LiveBudget())
  }
}

/** A client that connects again with the last id that it has read, as a browser does. */
class Client {
  readonly ids: string[] = []
  readonly resets: string[] = []
  #lastEventId: string | undefined
  #body: Readable | undefined

  async connect(live: LiveCycle, after?: string): Promise<void> {
    this.#body?.destroy()
    this.#body = await live.open({ events: 'output', ...(after === undefined ? {} : { after }) }, { lastEventId: this.#lastEventId, isAllowed: () => true })
    let rest = ''
    this.#body.on('data', (chunk: Buffer) => {
      const blocks = `${rest}${chunk.toString()}`.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) this.#take(block)
    })
  }

  #take(block: string): void {
    const id = /^id: (.*)$/m.exec(block)?.[1]
    this.#lastEventId = id ?? this.#lastEventId
    const data = /^data: (.*)$/m.exec(block)?.[1] ?? '{}'
    if (block.startsWith('event: output')) this.ids.push((JSON.parse(data) as { id: string }).id)
    if (block.startsWith('event: reset')) this.resets.push((JSON.parse(data) as { reason: string }).reason)
  }
}

const step = fc.record({ partition: fc.nat(2), outputs: fc.integer({ min: 0, max: 4 }), second: fc.nat(50), client: fc.nat(3), restart: fc.nat(9) })

it('each client has every output after its beginning once, in the order of each partition, however often it or the process starts again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { minLength: 1, maxLength: 12 }), async (partitions, steps) => {
      const stage = new Stage(partitions)
      const clients = [new Client(), new Client(), new Client(), new Client()]
      await Promise.all(clients.map((client) => client.connect(stage.live, '0')))
      for (const { partition, outputs, second, client, restart } of steps) {
        for (let output = 0; output < outputs; output++) stage.feeds[partition % partitions]?.add(second)
        if (restart === 0) stage.restart()
        await turn()
        const again = restart === 0 ? clients : clients.filter((_, at) => at === client)
        await Promise.all(again.map((one) => one.connect(stage.live, '0')))
      }
      const expected = (await Promise.all(stage.feeds.map((feed) => feed.read(0, 1000)))).map((records) =>
        records.map(({ output }) => (JSON.parse(output) as { id: string }).id),
      )
      for (const { ids } of clients) {
        await eventually(
          () => ids.length,
          (found) => found >= expected.flat().length,
        )
        expect(expected.map((_, partition) => ids.filter((id) => id.startsWith(`${partition}-`)))).toEqual(expected)
      }
      stage.close()
    }),
    { numRuns: 25 },
  )
})

it('a client whose place is not kept any more is told, and gets what comes from then on', async () => {
  const stage = new Stage(2)
  const [feed, other] = stage.feeds as [GrowingFeed, GrowingFeed]
  for (const each of [feed, other]) each.add(1)
  const client = new Client()
  await client.connect(stage.live, '0')
  await eventually(
    () => client.ids.length,
    (found) => found === 2,
  )
  stage.live.close()
  for (let output = 0; output < 3; output++) feed.add(2)
  feed.forget()
  stage.restart()
  await client.connect(stage.live)
  await eventually(
    () => client.resets.length,
    (found) => found > 0,
  )
  expect(client.resets).toEqual([expect.stringContaining('not kept any more')])
  other.add(3)
  await eventually(
    () => client.ids.length,
    (found) => found === 3,
  )
  expect(client.ids.at(-1)).toBe('1-1')
  stage.close()
})
