import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Output } from '#contracts'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'

const PARTITIONS = 3
const CUSTOMERS = 60

/** An answer with a page of the feed. */
interface Page {
  readonly items: readonly { readonly cursor: string; readonly output: Output }[]
  readonly next: string
}
/** An answer with the counts of a cycle. */
interface Stages {
  readonly total: number
  readonly asOf: { readonly ageSeconds: number | null }
  readonly stages: readonly { readonly id: string; readonly actors: number }[]
}

/** Customers who buy at different intervals, so that some are absent now. Every seventh row is damaged. */
function purchases(): string {
  const rows = Array.from({ length: CUSTOMERS * 4 }, (_, i) => {
    const day = new Date(Date.UTC(2025, 0, 1 + (i % CUSTOMERS) * Math.ceil((i + 1) / CUSTOMERS))).toISOString().slice(0, 10)
    return `c${i % CUSTOMERS},${i % 7 === 6 ? 'some day' : day},12.5`
  })
  return ['customer,date,dollars', ...rows].join('\n')
}

const began = Date.now()
/** Whether the counts include events since this test file started. */
const isOfThisRun = (ageSeconds: number): boolean => ageSeconds * 1000 < Date.now() - began

describe('serving on Kafka and Redis', () => {
  const home = temporaryFolder()
  let cluster: LocalCluster

  async function importHistory({ broker, settings }: LocalCluster): Promise<string> {
    const input = join(home.path, 'purchases.csv')
    writeFileSync(input, purchases())
    const csv = ['--csv', '--actor', 'customer', '--time', 'date', '--event', 'Order Completed', '--property', 'dollars', '--shift-to-now']
    const to = ['--brokers', broker.address, '--partitions', String(PARTITIONS), '--replication', '1', '--definition', settings['RONDO_DEFINITION'] ?? '']
    const args = [join(root, 'apps/cli/bin/rondo.js'), 'import', '--input', input, ...csv, ...to]
    // This exit code means that rows were refused.
    return promisify(execFile)(process.execPath, args, { env: { ...process.env, ...broker.loginOf('commands') } }).then(
      () => 'nothing was refused',
      ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr}`,
    )
  }

  const imports: string[] = []
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      folder: home.path,
      definition: join(root, 'deploy/cycles/shopper.yaml'),
      partitions: PARTITIONS,
      counts: { ingest: 1, processor: 2, serving: 2 },
      beforeIngest: async (started) => {
        imports.push(await importHistory(started), await importHistory(started))
      },
    })
  })
  afterAll(async () => {
    await cluster.stop()
    home[Symbol.dispose]()
  })

  const get = async <T>(path: string, of = 0): Promise<T> => (await fetch(`${cluster.of('serving')[of]?.url}${path}`)).json() as Promise<T>

  /** The whole feed, in several pages. */
  async function feed(limit: number): Promise<Page['items']> {
    const items: Page['items'][number][] = []
    for (let after = '0'; ; ) {
      const page = await get<Page>(`/v1/transitions?after=${after}&limit=${limit}`)
      items.push(...page.items)
      if (page.items.length === 0) return items
      after = page.next
    }
  }

  /** The number of actors in each stage, computed from the feed. */
  function countsOf(items: Page['items']): Map<string, number> {
    const histories = new Map<string, Output[]>()
    for (const { output } of items) {
      const { actor, kind, retracts } = output
      const history = histories.get(actor.id) ?? []
      histories.set(actor.id, kind === 'retraction' ? history.filter(({ id }) => id !== retracts) : [...history, output])
    }
    const counts = new Map<string, number>()
    for (const history of histories.values()) {
      const stage = history.findLast(({ kind }) => kind !== 'notice')?.to
      if (stage !== undefined) counts.set(stage, (counts.get(stage) ?? 0) + 1)
    }
    return counts
  }

  async function untilCounted(of: number): Promise<Stages> {
    const { stages } = await eventually(
      async () => ({ stages: await get<Stages>('/v1/cycles/shopper/stages', of), expected: Object.fromEntries(countsOf(await feed(1000))) }),
      ({ stages: { asOf, total, stages: found }, expected }) => {
        const isFresh = asOf.ageSeconds !== null && isOfThisRun(asOf.ageSeconds)
        const counts = Object.fromEntries(found.filter(({ actors }) => actors > 0).map(({ id, actors }) => [id, actors]))
        return isFresh && total === CUSTOMERS && isDeepStrictEqual(counts, expected)
      },
    )
    return stages
  }

  it('accepts one import, before live events', () => {
    expect(imports[0]).toMatch(/^3 /)
    expect(imports[1]).toMatch(/^1 .*RONDO_LOG_NOT_EMPTY/s)
  })

  it('gives the counts of the feed in every process', async () => {
    const stages = await untilCounted(0)
    expect(stages.stages.filter(({ actors }) => actors > 0).length).toBeGreaterThan(1)
    expect((await untilCounted(1)).stages).toEqual(stages.stages)
  })

  it('gives the feed of all partitions as one list, the same for pages of any size', async () => {
    const complete = await feed(1000)
    expect(new Set(complete.map(({ output }) => output.id)).size).toBe(complete.length)
    const ids = (items: Page['items']): string[] => items.map(({ output }) => output.id).sort()
    expect(ids(await feed(7))).toEqual(ids(complete))
    const { next } = await get<Page>('/v1/transitions?newest=0')
    expect((await get<Page>(`/v1/transitions?after=${next}`)).items).toEqual([])
  })

  it.each(['transitions', 'late', 'quarantine'])('answers with an empty page of %s after a cursor beyond its end', async (list) => {
    const beyond = Array.from({ length: PARTITIONS }, () => 999_999).join('.')
    expect(await get<Page>(`/v1/${list}?after=${beyond}`)).toMatchObject({ items: [], next: beyond })
  })

  it('shows the receipts of an actor, and refused events with their reasons', async () => {
    const { history } = await get<{ history: { output: Output; words: string }[] }>('/v1/actors/user/c7')
    const ofOneCustomer = (await feed(1000)).filter(({ output }) => output.actor.id === 'c7').map(({ output }) => output)
    expect(history.map(({ output }) => output)).toEqual(ofOneCustomer.toReversed())
    const { items } = await get<{ items: { record: { reason: string } }[] }>('/v1/quarantine?limit=1000')
    expect(items).toHaveLength(Math.floor((CUSTOMERS * 4) / 7))
    expect(items[0]?.record.reason).toContain('time')
  })

  it('answers requests that wait for an output', async () => {
    const { next } = await get<Page>('/v1/transitions?newest=0')
    const waiting = get<Page>(`/v1/transitions?after=${next}&wait=20`)
    const call = { type: 'track', userId: 'newcomer', event: 'Order Completed', properties: { cds: 1, dollars: 5 } }
    await fetch(`${cluster.of('ingest')[0]?.url}/v1/track`, { method: 'POST', body: JSON.stringify(call) })
    expect((await waiting).items.map(({ output }) => output.actor.id)).toEqual(['newcomer'])
  })

  it('has only metrics that the page of metrics names', async () => {
    const page = readFileSync(join(root, 'docs/reference/metrics.md'), 'utf8')
    const metricsOf = async (app: 'ingest' | 'processor' | 'serving'): Promise<string> =>
      (await Promise.all(cluster.of(app).map((process) => process.metrics()))).join('\n')
    const [ingest, processor, serving] = await Promise.all([metricsOf('ingest'), metricsOf('processor'), metricsOf('serving')])
    expect(ingest).toMatch(/^rondo_events_accepted_total 1$/m)
    const actors = [...processor.matchAll(/^rondo_actors\{cycle="shopper",partition="\d"\} (\d+)$/gm)].map(([, count]) => Number(count))
    expect([actors.length, actors.reduce((sum, count) => sum + count, 0)]).toEqual([PARTITIONS, CUSTOMERS + 1])
    const ages = [...(processor + serving).matchAll(/^rondo_\w+_age_seconds\{cycle="shopper",partition="\d"\} ([\d.]+)$/gm)].map(([, age]) => Number(age))
    expect([ages.length, ages.filter((age) => !isOfThisRun(age))]).toEqual([3 * PARTITIONS, []])
    const names = new Set((ingest + processor + serving).match(/^# TYPE (rondo_\w+)/gm)?.map((line) => line.slice('# TYPE '.length)))
    expect([...names].filter((name) => !page.includes(name))).toEqual([])
  })

  const countsShown = ({ stages }: Stages) => Object.fromEntries(stages.filter(({ actors }) => actors > 0).map(({ id, actors }) => [id, actors]))

  it('rebuilds a read model that another release stored in another version', async () => {
    const redis = new Redis(cluster.redis.url, cluster.redis.administrator)
    const states = await redis.keys('*:state')
    expect(states).toHaveLength(PARTITIONS)
    for (const state of states) {
      await redis.hset(state, 'models', 'flows@1 histories@1 stage-counts@9 stage-members@1')
      await redis.hdel(state, ...(await redis.hkeys(state)).filter((field) => field.startsWith('stage.')))
    }
    redis.disconnect()
    expect(await get('/v1/cycles/shopper/stages')).toMatchObject({ status: 503, code: 'RONDO_MODELS_UNAVAILABLE' })
    const stages = await eventually(
      () => get<Stages>('/v1/cycles/shopper/stages'),
      ({ total }) => total === CUSTOMERS + 1,
    )
    expect(countsShown(stages)).toEqual(Object.fromEntries(countsOf(await feed(1000))))
  })

  it('fills Redis again after a loss of its data', async () => {
    const redis = new Redis(cluster.redis.url, cluster.redis.administrator)
    await redis.flushall()
    redis.disconnect()
    const stages = await eventually(
      () => get<Stages>('/v1/cycles/shopper/stages'),
      ({ total }) => total === CUSTOMERS + 1,
    )
    expect(countsShown(stages)).toEqual(Object.fromEntries(countsOf(await feed(1000))))
  })
})
