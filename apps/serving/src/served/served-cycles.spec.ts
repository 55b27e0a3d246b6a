import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { AdminActs, Gate, Keys } from '#access'
import { type CycleDefinition, formatInstant } from '#contracts'
import { compileCycle } from '#cycle'
import type { DataFolder } from '#event-log'
import { textLogger } from '#process'
import { openCycleFolder } from '#projections'
import { SimulatedClock, type TemporaryFolder, temporaryFolder } from '#runtime'
import { PlanEditor } from '#tracking-plan'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { EventStream } from '../../../../test/fixtures/http/event-stream.ts'
import { live } from '../../../../test/pipeline/owner-life.ts'
import { AccessModule } from '../../../nest/src/access/access.module.ts'
import { listen, newApp } from '../../../nest/src/http-app.ts'
import { LiveBudget } from '../live/live-budget.ts'
import { ServingModule } from '../serving.module.ts'

const START = Date.UTC(2026, 0, 1)
const clock = new SimulatedClock(START + 1000)
const listener: CycleDefinition = { ...presence, cycle: 'listener' }
const musician: CycleDefinition = { ...presence, cycle: 'musician', actor: 'musician' }
const keyRequest = { role: 'read', name: 'board' } as const
const played = (n: number, type: string, id: string): string =>
  JSON.stringify({
    id: `e${n}`,
    type: 'track',
    event: 'Visit',
    actor: { type, id },
    time: formatInstant(START),
    receivedAt: formatInstant(START),
  })

/** The answer to a request. */
interface Answer {
  readonly status: number
  readonly body: {
    readonly items: { cycle: string; building: unknown; output: { cycle: string; actor: { id: string } } }[]
    readonly detail: string
    readonly code: string
    readonly stages: { id: string; actors: number }[]
    readonly building: unknown
  }
}

let home: TemporaryFolder
let folder: DataFolder
let app: NestFastifyApplication
let url: string
let keys: Keys

const foldAll = async (cycles: readonly CycleDefinition[]): Promise<void> => {
  for (const [at, cycle] of cycles.entries()) await live(folder.states[at] as DataFolder, cycle, { limits: {}, life: undefined })
}

async function serve(definitions: readonly CycleDefinition[]): Promise<void> {
  const acts = new AdminActs(folder.adminLog())
  keys = new Keys({ acts, clock })
  const gate = new Gate({ keys, required: false, environment: 'production', addressLimit: { perSecond: 1, burst: 1 }, clock })
  const access = AccessModule.register({
    acts,
    keys,
    plan: new PlanEditor({ acts, clock }),
    gate,
    reload: async () => [],
    cycles: () => definitions.map(({ cycle }) => cycle),
  })
  const module = { module: class TestModule {}, imports: [access, ServingModule.register({ folder, definitions, clock })] }
  app = await newApp(module, { host: '127.0.0.1' }, textLogger)
  url = await listen(app, { host: '127.0.0.1', port: 0 })
}

async function ask(path: string, key?: string): Promise<Answer> {
  const response = await fetch(`${url}${path}`, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

beforeEach(async () => {
  home = temporaryFolder()
  mkdirSync(join(home.path, 'data'))
  folder = openCycleFolder(join(home.path, 'data'), compileCycle(listener), compileCycle(musician))
  const lines = [JSON.stringify({ record: 'writer.open', writer: 'w', time: formatInstant(START) }), played(1, 'user', 'ann'), played(2, 'musician', 'band')]
  await folder.writer.append(0, [lines.join('\n')])
})
afterEach(async () => {
  await app.close()
  await folder.close()
  home[Symbol.dispose]()
})

describe('a server that shows several cycles', () => {
  beforeEach(async () => {
    await foldAll([listener, musician])
    await serve([listener, musician])
  })

  it('lists them, and answers each path of each', async () => {
    expect((await ask('/v1/cycles')).body.items.map(({ cycle }) => cycle)).toEqual(['listener', 'musician'])
    for (const cycle of ['listener', 'musician']) {
      expect((await ask(`/v1/cycles/${cycle}/stages`)).body.stages).toContainEqual(expect.objectContaining({ id: presence.stages[0]?.id, actors: 1 }))
      for (const path of ['definition', 'remarks', `stages/${presence.stages[0]?.id}/actors`])
        expect((await ask(`/v1/cycles/${cycle}/${path}`)).status).toBe(200)
      const feed = (await ask(`/v1/transitions?cycle=${cycle}`)).body.items
      expect(feed.map(({ output }) => [output.cycle, output.actor.id])).toEqual([[cycle, cycle === 'listener' ? 'ann' : 'band']])
      for (const path of ['late', 'event-names']) expect((await ask(`/v1/${path}?cycle=${cycle}`)).status).toBe(200)
    }
  })

  it('refuses a question that could be about each of them, with their names', async () => {
    for (const path of ['/v1/transitions', '/v1/late', '/v1/event-names', '/v1/actors?id=ann']) {
      const { status, body } = await ask(path)
      expect([path, status, body.code, body.detail]).toEqual([
        path,
        400,
        'RONDO_ARGUMENT_INVALID',
        expect.stringContaining('name one of them: listener, musician.'),
      ])
    }
    const unknown = await ask('/v1/transitions?cycle=shopper')
    expect([unknown.status, unknown.body.detail]).toEqual([404, 'There is no cycle "shopper" here; the cycles are "listener", "musician".'])
  })

  it('finds the cycle of an actor by its type', async () => {
    expect((await ask('/v1/actors/musician/band')).status).toBe(200)
    expect((await ask('/v1/actors?type=user&id=ann')).status).toBe(200)
    expect((await ask('/v1/actors/user/ann?cycle=musician')).status).toBe(404)
  })

  it('shows a key of one cycle that cycle alone', async () => {
    const { text } = await keys.create({ ...keyRequest, cycles: ['musician'] }, 'command')
    expect((await ask('/v1/cycles', text)).body.items.map(({ cycle }) => cycle)).toEqual(['musician'])
    expect((await ask('/v1/transitions', text)).body.items.map(({ output }) => output.cycle)).toEqual(['musician'])
    for (const path of ['/v1/cycles/listener/stages', '/v1/transitions?cycle=listener', '/v1/actors/user/ann?cycle=listener']) {
      expect([path, await ask(path, text)]).toEqual([
        path,
        expect.objectContaining({ status: 403, body: expect.objectContaining({ code: 'RONDO_KEY_SCOPE' }) }),
      ])
    }
    // A cycle that does not exist is answered without the names of others.
    expect((await ask('/v1/transitions?cycle=shopper', text)).body.detail).toBe('There is no cycle "shopper" here; the cycle is "musician".')
    expect((await ask('/v1/actors/user/ann', text)).status).toBe(404)
    const other = await keys.create({ ...keyRequest, cycles: ['shopper'] }, 'command')
    expect((await ask('/v1/cycles', other.text)).status).toBe(403)
  })

  it('streams to a key the cycles that it shows, until the key ends', async () => {
    const { text, key } = await keys.create({ ...keyRequest, cycles: ['musician'] }, 'command')
    expect((await ask('/v1/cycles/listener/live', text)).body.code).toBe('RONDO_KEY_SCOPE')
    const stream = await EventStream.open(`${url}/v1/cycles/musician/live?after=0`, { key: text })
    expect((await stream.has(1, 'output')).map(({ actor }) => actor.id)).toEqual(['band'])
    await keys.revoke(key.id, 'command')
    await stream.has(Number.POSITIVE_INFINITY, 'output')
    expect(stream.ended).toBe('in order')
  })

  it('refuses a live stream beyond the limit of the process, and says when to ask again', async () => {
    app.get(LiveBudget, { strict: false }).limitClients(1)
    const open = await EventStream.open(`${url}/v1/cycles/musician/live`)
    const refused = await fetch(`${url}/v1/cycles/listener/live`)
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      503,
      '10',
      expect.objectContaining({ code: 'RONDO_OVERLOADED' }),
    ])
    open.leave()
  })
})

it('a cycle that was added is shown with its progress, until it has come to the end of the stored log', async () => {
  await foldAll([listener])
  await serve([listener, musician])
  const [running, added] = (await ask('/v1/cycles')).body.items
  expect([running?.building, added?.building]).toEqual([null, { folded: 0, records: 1 }])
  await live(folder.states[1] as DataFolder, musician, { limits: {}, life: undefined })
  expect((await ask('/v1/cycles/musician/stages')).body.building).toBe(null)
})
