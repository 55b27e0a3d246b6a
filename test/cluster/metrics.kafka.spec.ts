// The metrics of the apps on Kafka and Redis, as Prometheus would read them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import type { AppName } from '../../scripts/local/app-process.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { firing } from '../fixtures/metrics/alert-rules.ts'
import { metricsIn, metricsOnPage, type Sample, samplesOf } from '../fixtures/metrics/exposed-metrics.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'

const APPS: readonly AppName[] = ['ingest', 'processor', 'reactor', 'serving']
const PARTITIONS = 2
/** A measure of amounts has metrics of its own. */
const measures = 'measures:\n  amount: { sum: beat, of: properties.amount, within: 1h }\n'
const sources = 'sources:\n  - { name: orders, topic: shop.orders, map: { id: nr, event: { text: Beat }, actor: who, time: at } }\n'

let home: TemporaryFolder
let cluster: LocalCluster
beforeAll(async () => {
  home = temporaryFolder()
  const file = join(home.path, 'sources.yaml')
  writeFileSync(file, sources)
  const definition = join(home.path, 'pulse.yaml')
  writeFileSync(definition, readFileSync(join(import.meta.dirname, 'pulse.yaml'), 'utf8') + measures)
  cluster = await LocalCluster.start({
    folder: home.path,
    definition,
    partitions: PARTITIONS,
    counts: { ingest: 1, processor: 1, reactor: 1, serving: 1 },
    settings: {
      ...{ RONDO_SHORT_GRACE: 'yes', RONDO_CATCH_UP: '0s', RONDO_ACTIVITY_RETENTION: '3650d' },
      ...{ RONDO_SOURCES: file, RONDO_BUFFER: join(home.path, 'buffer'), RONDO_ARCHIVE: join(home.path, 'archive'), RONDO_HISTORY: join(home.path, 'history') },
    },
    sourceTopics: ['shop.orders'],
    deployment: { activityRetentionMs: 3650 * 86_400_000, isArchived: true },
    beforeIngest: async ({ broker }) => {
      const admin = plainClient(broker).admin()
      await admin.connect()
      await admin.createTopics({ topics: [{ topic: 'shop.orders', numPartitions: 1 }] })
      await admin.disconnect()
    },
  })
})
afterAll(async () => {
  await cluster?.stop()
  home?.[Symbol.dispose]()
})

const metricsOf = async (app: AppName): Promise<string> => (await cluster.of(app)[0]?.metrics()) ?? ''
const sumOf = async (app: AppName, name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> =>
  samplesOf(await metricsOf(app))
    .filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)

/** The samples of all apps, as Prometheus would store them: each with the instance that it was read from. */
async function allSamples(): Promise<Sample[]> {
  const texts = await Promise.all(APPS.map(async (app) => ({ app, text: await metricsOf(app) })))
  return texts.flatMap(({ app, text }) => samplesOf(text).map((sample) => ({ ...sample, labels: { ...sample.labels, job: app, instance: app } })))
}

describe('the metrics of the apps', () => {
  it('say how long a restore took and how old the log is, after a restart of the processor', async () => {
    await cluster.of('processor')[0]?.stop()
    await cluster.launch('processor').ready()
    expect(await sumOf('processor', 'rondo_restore_progress_ratio')).toBe(PARTITIONS)
    expect(await sumOf('processor', 'rondo_restore_duration_seconds')).toBeGreaterThan(0)
    expect(samplesOf(await metricsOf('processor')).filter(({ name }) => name === 'rondo_activity_oldest_age_seconds')).toHaveLength(PARTITIONS)
  })

  it.each(APPS)('of %s are those that the page lists for it, with their labels', async (app) => {
    const listed = metricsOnPage(app)
    // An age is not known before the first tick of log time, and a source has none before its first read.
    const exposed = await eventually(
      async () => metricsIn(await metricsOf(app)),
      (found) => found.filter(({ labels }) => labels !== '').length >= listed.filter(({ labels }) => labels !== '').length,
    )
    expect(exposed.toSorted(byName)).toEqual(listed.toSorted(byName))
  })

  it('show that an event was accepted, folded, published, followed and applied in Redis', async () => {
    const ingest = cluster.of('ingest')[0]
    const sent = await fetch(`${ingest?.url}/v1/track`, { method: 'POST', body: JSON.stringify({ userId: 'ann', event: 'Beat', messageId: 'm1' }) })
    expect(sent.status).toBe(200)
    const published = { kind: 'advance' }
    await eventually(
      () => sumOf('reactor', 'rondo_followed_outputs_total', published),
      (count) => count === 1,
    )
    expect(await sumOf('ingest', 'rondo_events_accepted_total')).toBe(1)
    expect(await sumOf('ingest', 'rondo_append_duration_seconds_count')).toBe(1)
    expect(await sumOf('processor', 'rondo_outputs_total', published)).toBe(1)
    expect(await sumOf('processor', 'rondo_commit_duration_seconds_count', { cycle: 'pulse' })).toBeGreaterThan(0)
    await eventually(
      () => sumOf('serving', 'rondo_stage_actors', { cycle: 'pulse' }),
      (count) => count === 1,
    )
    expect(await sumOf('serving', 'rondo_redis_command_duration_seconds_count')).toBeGreaterThan(0)
    expect(await sumOf('serving', 'rondo_redis_command_failures_total')).toBe(0)
  })

  it('agree with rondo status, which finds a log that no group of this name has folded', async () => {
    const status = (...args: string[]) => rondo(['status', '--brokers', cluster.broker.address, ...args], { env: cluster.broker.loginOf('commands') })
    const { code, stdout, stderr } = await status('--json')
    expect([code, stderr]).toEqual([0, `rondo: Waiting for an answer of the brokers ${cluster.broker.address}.\n`])
    const { cycles, writers, attention } = JSON.parse(stdout) as { cycles: { partitions: { lagRecords: number }[] }[]; writers: object[]; attention: string[] }
    expect(attention).toEqual([])
    expect([cycles.length, cycles[0]?.partitions.length, writers.length]).toEqual([1, PARTITIONS, 2])
    await cluster.prepare({ RONDO_GROUP: 'other' })
    const other = await status('--group', 'other')
    expect(other.stderr).toBe(`rondo: Waiting for an answer of the brokers ${cluster.broker.address}.\n`)
    expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('! No group other has folded the log')])
  })

  it('let the alerts fire that belong to a Redis that is away, and no other', async () => {
    const healthy = await allSamples()
    expect(firing([], healthy)).toEqual([])
    await cluster.redis.stop()
    const alerts = await eventually(
      async () => firing(healthy, await allSamples()),
      (names) => names.includes('RondoNotReady') && names.includes('RondoRedisAway'),
    )
    // Read models that are not brought up to the fold are behind after half a minute.
    expect(alerts.filter((name) => name !== 'RondoReadModelsBehind')).toEqual(['RondoNotReady', 'RondoRedisAway'])
  })
})

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
