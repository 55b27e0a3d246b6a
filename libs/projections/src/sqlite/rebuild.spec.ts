import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { type DataFolder, type LogReader, type OwnedPartition, openDataFolder } from '#event-log'
import { phasesAtDeath, type TemporaryFolder, temporaryFolder } from '#runtime'
import { expectModels } from '../conformance/expected-models.ts'
import { ListFeed } from '../conformance/list-feed.ts'
import { outputKinds } from '../conformance/output-kinds.ts'
import { describeRebuiltModels, type ReleasesFixture, withRaisedVersions } from '../conformance/rebuilt-model.conformance.ts'
import { flows } from '../models/flows.ts'
import { readModels } from '../models/projection.ts'
import type { ReadModel, Rebuild } from '../models/read-model.ts'
import { SqliteReadModels } from './sqlite-read-models.ts'
import { type StateProjectionOptions, stateProjection } from './state-projection.ts'

const isUnavailable = { code: 'RONDO_MODELS_UNAVAILABLE', retriable: true }

/** One process with a data folder, from its start to its end. */
class RunningProcess {
  readonly folder: DataFolder
  readonly rebuilds: Rebuild[] = []
  readonly models: SqliteReadModels
  readonly #state
  readonly #reader: LogReader
  #owned: OwnedPartition | undefined

  constructor(path: string, options: StateProjectionOptions = {}) {
    const readModelTables = stateProjection({ ...options, onRebuild: (rebuild) => this.rebuilds.push(rebuild) })
    this.folder = openDataFolder({ path, partitions: 1, identity: {}, readModelTables })
    this.#reader = this.folder.reader()
    this.#state = this.folder.stateReader()
    this.models = new SqliteReadModels(this.#state)
  }

  async publish(outputs: readonly Output[]): Promise<void> {
    await this.folder.writer.append(0, ['a frame'])
    await this.commit(outputs)
  }

  async commit(outputs: readonly Output[]): Promise<void> {
    const owned = await this.own()
    const previousPosition = await owned.committed()
    const position = { offset: (previousPosition?.offset ?? -1) + 1, index: 0, cursor: null }
    const nothing = { late: [], quarantine: [], checkpoints: [], names: [], partitionMetadata: '{}', dueAt: Number.POSITIVE_INFINITY }
    expect(await owned.commit({ previousPosition, position, logTime: 7, outputs, ...nothing })).toBe('committed')
  }

  /** From now on the process rebuilds the models that are behind. */
  async own(): Promise<OwnedPartition> {
    if (this.#owned !== undefined) return this.#owned
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
    await this.#reader.own({ assigned: resolve, revoked: () => undefined })
    this.#owned = await promise
    return this.#owned
  }

  async ready(model: string): Promise<void> {
    while (!this.rebuilds.some((rebuild) => rebuild.model === model && rebuild.state === 'ready')) await setImmediate()
  }

  async close(): Promise<void> {
    this.#state.close()
    await this.#reader.close()
    await this.folder.close()
  }
}

describe('a read model in state.db whose version has changed', () => {
  let home: TemporaryFolder
  let path: string
  let feed: ListFeed
  let opened: RunningProcess

  beforeEach(async () => {
    home = temporaryFolder()
    path = join(home.path, 'data')
    feed = new ListFeed()
    opened = new RunningProcess(path)
    await grow(8)
  })
  afterEach(async () => {
    await opened.close()
    home[Symbol.dispose]()
  })

  /** Adds some hundred outputs for each seed, and publishes them in batches of any length. */
  async function grow(seeds: number): Promise<void> {
    for (let seed = 1; seed <= seeds; seed++) {
      const before = feed.published.length
      feed.grow(seed)
      const outputs = feed.published.slice(before)
      for (let from = 0; from < outputs.length; from += 37) await opened.publish(outputs.slice(from, from + 37))
    }
  }

  async function reopen(options: StateProjectionOptions): Promise<void> {
    await opened.close()
    opened = new RunningProcess(path, options)
  }

  const tableOf = (name: string): unknown[] => {
    const db = new DatabaseSync(join(path, 'state.db'), { readOnly: true })
    const rows = db.prepare(`SELECT * FROM ${name}`).all()
    db.close()
    return rows
  }

  it.each(['flows', 'stage-counts'])('is rebuilt without the other models (%s), together with outputs that arrive meanwhile', async (name) => {
    expect(feed.published.length).toBeGreaterThan(1000)
    await reopen({ models: withRaisedVersions(name) })
    const ask = () => (name === 'flows' ? opened.models.transitionsPerHour({ from: 0, until: 1 }) : opened.models.stageCounts())
    await expect(ask()).rejects.toMatchObject(isUnavailable)
    const [other] = feed.published
    expect(await opened.models.history(other?.actor ?? { type: '', id: '' }, { limit: 1 })).toHaveLength(1)
    expect(await opened.models.asOf()).toBe(7)
    expect(name === 'flows' ? (await opened.models.stageCounts()).asOf : 7).toBe(7)
    // The first part is made when the thread is idle. These outputs are published before it, the later ones between the parts.
    await opened.own()
    await grow(1)
    await setImmediate()
    await grow(1)
    await opened.ready(name)
    await expectModels(opened.models, feed.published)
    expect(opened.rebuilds.map(({ model, state }) => `${model} ${state}`)).toEqual([`${name} started`, `${name} ready`])
    await grow(1)
    await expectModels(opened.models, feed.published)
    await reopen({ models: withRaisedVersions(name) })
    await opened.own()
    await expectModels(opened.models, feed.published)
    expect(opened.rebuilds).toEqual([])
  })

  it('is made also while the fold commits batches without a pause', async () => {
    await reopen({ models: withRaisedVersions('flows') })
    const parts = Math.floor(feed.published.length / 500) + 1
    // While only resolved promises are awaited, no timer and no other task of this thread runs.
    for (let batch = 0; batch < 4 * parts; batch++) await opened.commit([])
    expect(opened.rebuilds.map(({ model, state }) => `${model} ${state}`)).toEqual(['flows started', 'flows ready'])
    await expectModels(opened.models, feed.published)
  })

  it('is deleted with its tables if it is no longer listed, and made from the beginning if it is new in the list', async () => {
    await reopen({ models: [...readModels, outputKinds] })
    await opened.own()
    await grow(1)
    await opened.ready(outputKinds.name)
    await grow(1)
    const count = Map.groupBy(feed.published, ({ kind }) => kind)
    expect(new Set(tableOf('kinds'))).toEqual(new Set([...count].map(([kind, outputs]) => ({ kind, outputs: outputs.length }))))
    await reopen({})
    expect(() => tableOf('kinds')).toThrow('no such table')
    expect(tableOf('read_models')).toHaveLength(1 + readModels.length)
  })

  it('is rebuilt with all other models if the histories have changed, from which all are made', async () => {
    await reopen({ historiesVersion: 2 })
    const [{ actor } = { actor: { type: '', id: '' } }] = feed.published
    await expect(opened.models.actor(actor)).rejects.toMatchObject(isUnavailable)
    await opened.own()
    await grow(1)
    for (const { name } of readModels) if (name !== 'stage-members') await opened.ready(name)
    await expectModels(opened.models, feed.published)
    expect(opened.rebuilds[0]).toEqual({ model: 'histories', version: 2, state: 'started' })
  })

  it('has version 1 in a folder that was made before versions were noted', async () => {
    await opened.close()
    const db = new DatabaseSync(join(path, 'state.db'))
    db.exec('DROP TABLE read_models')
    db.close()
    opened = new RunningProcess(path)
    await opened.own()
    await expectModels(opened.models, feed.published)
    await grow(1)
    await expectModels(opened.models, feed.published)
    expect(opened.rebuilds).toEqual([])
    expect(tableOf('read_models')).toContainEqual({ name: 'flows', version: 1, objects: '["flows"]', cursor: null })
  })

  it('equals a model of a new folder also if its process was killed between the parts and within a part', async () => {
    await opened.close()
    const faultLog = join(home.path, 'faults')
    const killedIn: string[][] = []
    const cursors: unknown[] = []
    for (const hold of ['catch-up enter 60000', 'catch-up leave 60000', 'catch-up leave 60000']) {
      appendFileSync(faultLog, '')
      const child = spawn(process.execPath, ['--conditions=rondo-source', '--input-type=module', '-e', rebuildingChild(path)], {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, RONDO_FAULT_LOG: faultLog, RONDO_FAULT_HOLD: hold },
      })
      const isHeld = () => existsSync(faultLog) && readFileSync(faultLog, 'utf8').includes(`${child.pid} 0 catch-up held`)
      while (!isHeld() && child.exitCode === null) await setImmediate()
      child.kill('SIGKILL')
      if (child.signalCode === null) await once(child, 'close')
      killedIn.push(phasesAtDeath(readFileSync(faultLog, 'utf8'), child.pid ?? 0))
      cursors.push(tableOf("read_models WHERE name = 'flows'"))
    }
    expect(killedIn).toEqual([['catch-up'], ['catch-up'], ['catch-up']])
    // The first kill came before a part was complete, each later kill after one more part.
    expect(cursors).toMatchObject([[{ cursor: 0 }], [{ cursor: 500 }], [{ cursor: 1000 }]])
    opened = new RunningProcess(path, { models: withRaisedVersions('flows') })
    await opened.own()
    await grow(1)
    await opened.ready('flows')
    await expectModels(opened.models, feed.published)
    expect(flows.version).toBe(1)
  })
})

/** A data folder for the processes of several releases, one after the other. */
class Releases implements ReleasesFixture {
  readonly #home = temporaryFolder()
  #running: RunningProcess | undefined

  get models(): SqliteReadModels {
    return this.#current.models
  }

  async start(models: readonly ReadModel[]): Promise<void> {
    await this.#running?.close()
    this.#running = new RunningProcess(join(this.#home.path, 'data'), { models })
  }

  publish(outputs: readonly Output[]): Promise<void> {
    return this.#current.publish(outputs)
  }

  async rebuilt(): Promise<void> {
    await this.#current.own()
    const db = new DatabaseSync(join(this.#home.path, 'data', 'state.db'), { readOnly: true })
    const behind = db.prepare('SELECT 1 AS yes FROM read_models WHERE "cursor" IS NOT NULL')
    while (behind.get() !== undefined) await setImmediate()
    db.close()
  }

  async dispose(): Promise<void> {
    await this.#running?.close()
    this.#home[Symbol.dispose]()
  }

  get #current(): RunningProcess {
    return this.#running as RunningProcess
  }
}

describeRebuiltModels('SQLite', async () => new Releases(), 10)

/** The program of a process that opens the folder with a later version of the flows, and rebuilds them until it is killed. */
function rebuildingChild(path: string): string {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  return `
    const { openDataFolder } = await import('#event-log')
    const { readModels } = await import(${at('../models/projection.ts')})
    const { stateProjection } = await import(${at('./state-projection.ts')})
    const models = readModels.map((model) => (model.name === 'flows' ? { ...model, version: 2 } : model))
    const folder = openDataFolder({ path: ${JSON.stringify(path)}, partitions: 1, identity: {}, readModelTables: stateProjection({ models }) })
    await folder.reader().own({ assigned() {}, revoked() {} })`
}
