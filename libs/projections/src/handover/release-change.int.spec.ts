import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { RondoError } from '#contracts'
import { randomId, SimulatedClock } from '#runtime'
import { eventually, eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { ListFeed } from '../conformance/list-feed.ts'
import { withRaisedVersions } from '../conformance/rebuilt-model.conformance.ts'
import { readModels } from '../models/projection.ts'
import type { ReadModel, Rebuild } from '../models/read-model.ts'
import { openRedisProjections, type RedisProjections } from '../redis/redis-projections.ts'
import { GenerationHandover } from './generation-handover.ts'
import { ShownGeneration } from './shown-generation.ts'

/** A gate before a feed: reads from before a cursor wait until the gate is opened. */
class Gate {
  readonly #before: number
  readonly #opened = Promise.withResolvers<void>()
  readonly #asked = Promise.withResolvers<void>()

  constructor(before: number) {
    this.#before = before
  }

  /** Resolves when a read waits at the gate. */
  get asked(): Promise<void> {
    return this.#asked.promise
  }

  open(): void {
    this.#opened.resolve()
  }

  async pass(cursor: number): Promise<void> {
    if (cursor >= this.#before) return
    this.#asked.resolve()
    await this.#opened.promise
  }
}

/** One process of serving, with a connection of its own. */
class Process {
  readonly redis: RedisProjections
  readonly handover: GenerationHandover
  readonly alarms: RondoError[] = []
  readonly failures: unknown[] = []
  readonly rebuilds: Rebuild[] = []

  constructor(redis: RedisProjections, feed: ListFeed, { generation, gate }: { generation: string; gate: Gate }) {
    this.redis = redis
    const read = async (after: number, limit: number) => {
      await gate.pass(after)
      return feed.read(after, limit)
    }
    const followed = { read, close: async () => {} }
    this.handover = new GenerationHandover({
      redis,
      feeds: [{ followed, newest: (limit) => feed.newest(limit), caughtUp: async () => {} }],
      groupPositions: { positions: async () => [{ offset: 1, index: 0, cursor: null, logTime: 7 }] },
      generation,
      definitionRun: { cycle: 'c', version: 1, generation: 1 },
      clock: new SimulatedClock(1_000_000),
      onAlarm: (failure) => this.alarms.push(failure),
      onFailure: (failure) => this.failures.push(failure),
      onRebuild: (rebuild) => this.rebuilds.push(rebuild),
    })
    this.handover.start()
  }

  async ready(): Promise<void> {
    await eventually(
      () => this.handover.unreadyReason,
      (reason) => reason === undefined,
    )
  }

  async superseded(): Promise<void> {
    await eventually(
      () => this.handover.unreadyReason,
      (reason) => reason === 'Redis shows the read models of another deployment.',
    )
  }

  async reported(state: Rebuild['state']): Promise<void> {
    await eventually(
      () => this.rebuilds,
      (rebuilds) => rebuilds.some((rebuild) => rebuild.state === state),
    )
  }

  async stop(): Promise<void> {
    await this.handover.stop()
    this.redis.close()
  }
}

describe('the handover between releases and generations', () => {
  const server = redisForTests()
  const isUnavailable = { code: 'RONDO_MODELS_UNAVAILABLE', retriable: true }
  const hour = { from: 0, until: 1 }
  let prefix: string
  let feed: ListFeed
  let running: Process[]
  let gates: Gate[]

  beforeEach(() => {
    prefix = randomId()
    feed = new ListFeed()
    for (let seed = 1; seed <= 9; seed++) feed.grow(seed)
    running = []
    gates = []
  })
  afterEach(async () => {
    for (const gate of gates) gate.open()
    await Promise.all(running.map((each) => each.stop()))
  })

  function gateBefore(cursor: number): Gate {
    const gate = new Gate(cursor)
    gates.push(gate)
    return gate
  }

  async function start(models: readonly ReadModel[], { generation = '1', gate = new Gate(0) } = {}): Promise<Process> {
    const redis = await openRedisProjections({ url: server().url, cluster: false, prefix }, models)
    const process = new Process(redis, feed, { generation, gate })
    running.push(process)
    return process
  }

  const expectCaughtUp = ({ redis }: Process) => eventuallyPasses(() => expectModels(redis.readModels, feed.published))

  it('rebuilds only the changed model, reports it, and is ready meanwhile; the release before is refused and changes nothing', async () => {
    const old = await start(readModels)
    await old.ready()
    const gate = gateBefore(1)
    const next = await start(withRaisedVersions('flows'), { gate })
    await next.ready()
    await gate.asked
    await old.superseded()
    expect(old.alarms.map(({ code }) => code)).toEqual(['RONDO_DATA_MISMATCH'])
    expect(old.alarms[0]?.message).toContain('another release')
    feed.grow(20)
    await eventually(
      async () => (await next.redis.readModels.stageCounts()).total,
      (total) => total === new Set(feed.published.map(({ actor }) => `${actor.type} ${actor.id}`)).size,
    )
    for (const { redis } of [old, next]) await expect(redis.readModels.transitionsPerHour(hour)).rejects.toMatchObject(isUnavailable)
    await expect(next.redis.readModels.transitionsPerHour(hour)).rejects.toThrow('being rebuilt')
    await expect(old.redis.readModels.transitionsPerHour(hour)).rejects.toThrow('Another release of Rondo')
    expect(next.handover.unreadyReason).toBeUndefined()
    expect(next.rebuilds).toEqual([{ model: 'flows', version: 2, state: 'started' }])
    gate.open()
    await next.reported('ready')
    await expectCaughtUp(next)
    const [first, ...rest] = next.rebuilds
    expect([first?.state, rest.at(-1)?.state]).toEqual(['started', 'ready'])
    const running = rest.slice(0, -1)
    expect(running.length).toBeGreaterThan(0)
    for (const { state, percent } of running) expect([state, percent]).toEqual(['running', Math.floor((percent ?? 0) / 10) * 10])
    const keysOfFirstVersion = async () =>
      ((await server().command('KEYS', `${prefix}:{1.0}:*`)) as string[]).filter((key) => /:(days|hours)/.test(key) && !key.includes('@'))
    await eventually(keysOfFirstVersion, (keys) => keys.length === 0)
    expect([old.failures, next.failures, old.alarms.length]).toEqual([[], [], 1])
  })

  it('returns to the release before when no process feeds the read models of the later release any more', async () => {
    const old = await start(readModels)
    await old.ready()
    const gate = gateBefore(1)
    const next = await start(withRaisedVersions('flows', 'stage-members'), { gate })
    await gate.asked
    await old.superseded()
    gate.open()
    await next.handover.stop()
    feed.grow(20)
    await old.ready()
    await expectCaughtUp(old)
    expect(next.rebuilds.at(-1)?.state).toMatch(/stopped|ready/)
    expect(old.rebuilds.map(({ version }) => version)).not.toContain(2)
  })

  it('continues a rebuild whose process has ended', async () => {
    const old = await start(readModels)
    await old.ready()
    await old.stop()
    const gate = gateBefore(2000)
    const first = await start(withRaisedVersions('flows'), { gate })
    await gate.asked
    const stopping = first.stop()
    gate.open()
    await stopping
    const second = await start(withRaisedVersions('flows'))
    await second.ready()
    await expectCaughtUp(second)
    running = [second]
  })

  it('completes a model again if Redis has lost the end of its rebuild', async () => {
    const only = await start(withRaisedVersions('flows'))
    await only.ready()
    // The state is now that of a copy of Redis which was made before the rebuild began.
    const keys = (await server().command('KEYS', `${prefix}:{1.0}:flows@2:*`)) as string[]
    await server().command('DEL', ...keys)
    await server().command('HSET', `${prefix}:{1.0}:state`, 'position.flows@2', '0')
    await only.reported('ready')
    await expectCaughtUp(only)
  })

  it('does not replace a generation that began later, also if its process was paused during the filling', async () => {
    const gate = gateBefore(1)
    const paused = await start(readModels, { generation: 'first', gate })
    await gate.asked
    const later = await start(readModels, { generation: 'second' })
    await later.ready()
    gate.open()
    await paused.superseded()
    expect(paused.alarms.map(({ code }) => code)).toEqual(['RONDO_DATA_MISMATCH'])
    expect((await later.redis.generations.current())?.name).toBe('second')
    expect(later.handover.unreadyReason).toBeUndefined()
    await expectCaughtUp(later)
  })

  it('does not show its generation again if the generation was replaced while the process started', async () => {
    const { redis } = await start(readModels, { generation: 'first' })
    const shownGeneration = (name: string) =>
      new ShownGeneration({ generations: redis.generations, generation: { name, partitions: 1 }, retry: (work) => work(), pauseMs: 1 })
    await eventually(
      async () => (await redis.generations.current())?.name,
      (name) => name === 'first',
    )
    const [second, again] = [shownGeneration('second'), shownGeneration('first')]
    await second.begin()
    await again.begin()
    expect(await second.show()).toBe(true)
    expect(await again.show()).toBe(false)
    expect((await redis.generations.current())?.name).toBe('second')
  })
})
