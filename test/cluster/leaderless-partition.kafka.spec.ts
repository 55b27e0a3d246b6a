import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type KafkaSettings, partitionOf } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import { AppProcess } from '../../scripts/local/app-process.ts'
import { trialSettings } from '../fixtures/broker/broker-for-tests.ts'
import { entriesOf, isControl, type LogEntry, valuesOf } from '../fixtures/broker/log-contents.ts'
import { killSecond, placeTopics, twoBrokersForTests } from '../fixtures/broker/two-brokers.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const PARTITIONS = 3
/** The partition of the broker that is killed. */
const LEADERLESS = 1
const HEALTHY = [0, 2]

const brokers = twoBrokersForTests()
let home: TemporaryFolder
let settings: KafkaSettings
let running: AppProcess[]
beforeAll(() => build({ onlyIfStale: true }))
beforeEach(async () => {
  home = temporaryFolder()
  running = []
  settings = trialSettings(brokers().first, { partitions: PARTITIONS })
  await placeTopics(brokers(), settings, [LEADERLESS])
  await brokers().first.prepare(settings)
})
afterEach(async () => {
  await Promise.all(running.map((app) => app.kill()))
  const { second } = brokers()
  if (second.pid === undefined) await second.start()
  home[Symbol.dispose]()
})

function launch(more: Readonly<Record<string, string>> = {}): AppProcess {
  const { first, second } = brokers()
  const app = new AppProcess('ingest', {
    ...first.loginOf('ingest'),
    RONDO_BROKERS: `${first.address},${second.address}`,
    RONDO_PREFIX: settings.prefix ?? '',
    RONDO_GROUP: settings.group,
    RONDO_PARTITIONS: String(PARTITIONS),
    RONDO_REPLICATION: '1',
    RONDO_PORT: '0',
    RONDO_CATCH_UP: '0s',
    ...more,
  })
  running.push(app)
  return app
}
/** The app with its own buffer, started again until it is ready: as by an orchestrator, while the brokers learn that one of them is down. */
async function started(more: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
  for (;;) {
    const app = launch(more)
    if (
      await app.ready().then(
        () => true,
        () => false,
      )
    )
      return app
  }
}
const withBuffer = (name: string) => ({ RONDO_BUFFER: join(home.path, name) })

/** An actor of each partition. */
const actors = Array.from({ length: PARTITIONS }, (_, partition) =>
  Array.from({ length: 100 }, (__, n) => `actor-${n}`).find((actor) => partitionOf(actor, PARTITIONS) === partition),
) as string[]
const call = (id: string, partition: number) => ({ type: 'track', messageId: id, userId: actors[partition], event: 'Beat' })
const send = async (app: AppProcess, ...calls: readonly object[]): Promise<number> => (await post(`${app.url}/v1/batch`, { batch: calls })).status
const entriesIn = async (partition: number): Promise<LogEntry[]> => entriesOf(await valuesOf(settings, 'activity', partition))
const eventsIn = async (partition: number): Promise<string[]> => (await entriesIn(partition)).flatMap((entry) => (isControl(entry) ? [] : [entry.id]))
const recordsIn = async (partition: number): Promise<string[]> => (await entriesIn(partition)).flatMap((entry) => (isControl(entry) ? [entry.record] : []))

/** Sends to the healthy partitions. @returns the statuses */
const sendToHealthy = async (app: AppProcess, name: string): Promise<number[]> => {
  const statuses: number[] = []
  for (let n = 0; n < 10; n++) for (const partition of HEALTHY) statuses.push(await send(app, call(`${name}${n}`, partition)))
  return statuses
}
const ids = (name: string): string[] => Array.from({ length: 10 }, (_, n) => `${name}${n}`)
const allAnswered = Array.from({ length: 20 }, () => 200)

describe('a partition of the log without a leader', () => {
  it('holds up neither the events nor the ticks of other partitions, also without a buffer; its own events get 503, and come once', async () => {
    const app = await started()
    expect(await send(app, call('a', 0), call('a', 1), call('a', 2))).toBe(200)
    await killSecond(brokers(), settings, LEADERLESS)
    const held = fetch(`${app.url}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ batch: [call('held', LEADERLESS)] }),
    })
    expect(await sendToHealthy(app, 'b')).toEqual(allAnswered)
    const answer = await held
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([503, '2', { code: 'RONDO_LOG_UNAVAILABLE' }])
    const ticks = await recordsIn(0)
    await eventually(
      () => recordsIn(0),
      (later) => later.length > ticks.length + 2,
    )
    expect(await sendToHealthy(app, 'c')).toEqual(allAnswered)
    await brokers().second.start()
    await eventually(
      () => eventsIn(LEADERLESS),
      (events) => events.includes('held'),
    )
    expect(await send(app, call('d', LEADERLESS))).toBe(200)
    expect(await eventsIn(LEADERLESS)).toEqual(['a', 'held', 'd'])
    for (const partition of HEALTHY) expect(await eventsIn(partition)).toEqual(['a', ...ids('b'), ...ids('c')])
    expect(await app.stop()).toBe(0)
  })

  it('is answered for from a buffer, also by a process that starts meanwhile; a process that ends leaves its events for the next one', async () => {
    const app = await started(withBuffer('first'))
    expect(await send(app, call('a', 0), call('a', 1), call('a', 2))).toBe(200)
    await killSecond(brokers(), settings, LEADERLESS)
    expect(await send(app, call('b', 0), call('b', 1), call('b', 2))).toBe(200)
    const other = await started(withBuffer('other'))
    expect(await send(other, call('x', 0), call('x', 1), call('x', 2))).toBe(200)
    expect(await sendToHealthy(app, 'c')).toEqual(allAnswered)
    expect(await send(app, call('d', LEADERLESS))).toBe(200)
    // Both end in order, although what they have accepted for the partition is on their disks only.
    expect(await Promise.all([app.stop(), other.stop()])).toEqual([0, 0])
    await brokers().second.start()
    const next = await started(withBuffer('first'))
    await eventually(
      () => eventsIn(LEADERLESS),
      (events) => events.includes('d'),
    )
    expect(await eventsIn(LEADERLESS)).toEqual(['a', 'b', 'd'])
    await started(withBuffer('other'))
    await eventually(
      () => eventsIn(LEADERLESS),
      (events) => events.includes('x'),
    )
    expect(await eventsIn(LEADERLESS)).toEqual(['a', 'b', 'd', 'x'])
    expect(await eventsIn(0)).toEqual(['a', 'b', 'x', ...ids('c')])
    // The writers of both first processes are closed, in every partition.
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await eventually(
        () => recordsIn(partition),
        (records) => records.filter((record) => record === 'writer.close').length === 2,
      )
    }
    expect(await next.stop()).toBe(0)
  })
})
