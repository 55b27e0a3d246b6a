import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { ActivityEvent } from '#contracts'
import type { KafkaSettings } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import type { AppProcess } from '../../scripts/local/app-process.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { entriesOf, isControl, type LogEntry, valuesOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { Sender } from '../fixtures/processes/sender.ts'

const PARTITIONS = 3
const partitions = [0, 1, 2]

let home: TemporaryFolder
let cluster: LocalCluster
let settings: KafkaSettings
beforeAll(async () => {
  home = temporaryFolder()
  const definition = join(import.meta.dirname, 'pulse.yaml')
  cluster = await LocalCluster.start({
    folder: home.path,
    definition,
    partitions: PARTITIONS,
    counts: {},
    settings: { RONDO_CATCH_UP: '0s', RONDO_SHORT_GRACE: 'yes' },
  })
})
afterAll(async () => {
  await cluster?.stop()
  home?.[Symbol.dispose]()
})

let trial = 0
let ingest: AppProcess
let senders: Sender[]
beforeEach(async () => {
  trial += 1
  const prefix = `trial-${trial}.`
  settings = { ...cluster.broker.access, prefix, group: 'rondo', partitions: PARTITIONS, replication: 1, identity: {} }
  await cluster.prepare({ RONDO_PREFIX: prefix })
  ingest = await start()
  senders = partitions.map((n) => new Sender(`client${n}`, () => [ingest.url], 12))
})
afterEach(async () => {
  for (const sender of senders) sender.abandon()
  await ingest.kill()
})

const start = (): Promise<AppProcess> =>
  cluster.launch('ingest', { RONDO_PREFIX: settings.prefix ?? '', RONDO_BUFFER: join(home.path, `buffer-${trial}`) }).ready()
const log = async (): Promise<LogEntry[][]> => (await Promise.all(partitions.map((partition) => valuesOf(settings, 'activity', partition)))).map(entriesOf)
const answered = (): string[] => senders.flatMap((sender) => sender.answered)
const moreAnswered = async (count: number): Promise<void> => {
  const goal = answered().length + count
  await eventually(
    () => answered().length,
    (length) => length >= goal,
  )
}

/** A metric of ingest: the sum over its labels. */
async function metric(name: string): Promise<number> {
  const text = await ingest.metrics()
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

const untilBufferIsEmpty = (): Promise<number> =>
  eventually(
    () => metric('rondo_buffered_events'),
    (events) => events === 0,
  )

/** Every answered event is in the log once, and the events of an actor are in the order in which each client sent them. */
async function expectEachOnceInOrder(): Promise<void> {
  const events = (await log()).map((entries) => entries.filter((entry): entry is ActivityEvent => !isControl(entry)))
  const ids = events.flat().map(({ id }) => id)
  expect(ids.length).toBe(new Set(ids).size)
  const written = new Set(ids)
  expect(answered().filter((id) => !written.has(id))).toEqual([])
  for (const partition of events) {
    const sequences = Map.groupBy(partition, ({ id, actor }) => `${id.split('-')[0]} ${actor.id}`)
    for (const [of, sequence] of sequences) {
      const numbers = sequence.map(({ id }) => Number(id.split('-')[1]))
      expect([of, numbers]).toEqual([of, numbers.toSorted((a, b) => a - b)])
    }
  }
}

/** No tick passes an event of its writer that stands behind it. @returns how many events stand behind a tick */
function expectTicksInOrder(entries: readonly LogEntry[]): number {
  let [tick, isAfter] = ['', 0]
  for (const entry of entries) {
    if (isControl(entry)) tick = entry.record === 'tick' && entry.time > tick ? entry.time : tick
    else if (tick !== '') {
      isAfter += 1
      expect(entry.receivedAt >= tick).toBe(true)
    }
  }
  return isAfter
}

describe('an outage of the log', () => {
  it.each(['kill', 'pause'] as const)(
    'by a %s of the broker is bridged: events are answered meanwhile, and are in the log afterwards, each once and in order',
    async (way) => {
      for (const sender of senders) sender.start()
      await moreAnswered(100)
      const { broker } = cluster
      if (way === 'kill') await broker.kill()
      else process.kill(broker.pid as number, 'SIGSTOP')
      await moreAnswered(300)
      expect(await metric('rondo_buffered_events')).toBeGreaterThan(100)
      const readiness = await fetch(`${ingest.url}/v1/health/ready`)
      expect([readiness.status, await readiness.json()]).toEqual([
        200,
        { status: 'ok', note: expect.stringMatching(/^\d+ events .* wait in the buffer for activity/) },
      ])
      if (way === 'kill') await broker.start()
      else process.kill(broker.pid as number, 'SIGCONT')
      await untilBufferIsEmpty()
      await moreAnswered(100)
      await Promise.all(senders.map((sender) => sender.stop()))
      expect(await metric('rondo_requests_turned_away_total')).toBe(0)
      expect(await ingest.stop()).toBe(0)
      await expectEachOnceInOrder()
      expect((await log()).reduce((sum, entries) => sum + expectTicksInOrder(entries), 0)).toBeGreaterThan(0)
    },
  )

  it('loses nothing although ingest is killed meanwhile, and time moves when the next process has written what the first one had accepted', async () => {
    for (const sender of senders) sender.start()
    await moreAnswered(100)
    await cluster.broker.kill()
    await moreAnswered(200)
    for (const sender of senders) sender.abandon()
    await ingest.kill()
    await cluster.broker.start()
    ingest = await start()
    await untilBufferIsEmpty()
    await expectEachOnceInOrder()
    const closed = async () => (await log()).map((entries) => entries.filter(isControl).filter(({ record }) => record === 'writer.close').length)
    expect(await eventually(closed, (counts) => counts.every((count) => count === 1))).toEqual([1, 1, 1])
    // Nothing that the first process had accepted comes after the end of its writer.
    for (const entries of await log()) {
      const end = entries.findIndex((entry) => isControl(entry) && entry.record === 'writer.close')
      expect(entries.slice(end).filter((entry) => !isControl(entry))).toEqual([])
    }
    expect(await ingest.stop()).toBe(0)
  })

  it('is in the log once, also if ingest is killed again and again while it writes the buffer', async () => {
    const body = (batch: number) =>
      JSON.stringify({
        batch: Array.from({ length: 50 }, (_, n) => {
          const number = batch * 50 + n
          return { type: 'track', messageId: `heavy-${number}`, userId: `user-${number % 12}`, event: 'Beat', properties: { x: 'x'.repeat(3000) } }
        }),
      })
    const sent = senders[0]?.answered as string[]
    const send = async (batch: number): Promise<void> => {
      const response = await fetch(`${ingest.url}/v1/batch`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body(batch) })
      expect(response.status).toBe(200)
      sent.push(...Array.from({ length: 50 }, (_, n) => `heavy-${batch * 50 + n}`))
    }
    await send(0)
    await cluster.broker.kill()
    for (let batch = 1; batch <= 80; batch++) await send(batch)
    const all = await metric('rondo_buffered_events')
    expect(all).toBeGreaterThan(3000)
    await cluster.broker.start()
    // Killed as soon as some frames are in the log, and more are in the buffer.
    for (let kills = 0, left = all; kills < 3 && left > 0; kills++) {
      const before = left
      left = await eventually(
        () => metric('rondo_buffered_events'),
        (events) => events < before,
      )
      await ingest.kill()
      ingest = await start()
    }
    await untilBufferIsEmpty()
    await expectEachOnceInOrder()
    expect(await ingest.stop()).toBe(0)
  })
})
