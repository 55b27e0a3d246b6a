import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Actor, formatInstant, instantOf, type Output } from '#contracts'
import { type DataFolder, type OwnedPartition, openDataFolder, type SqliteLogReader, type SqliteStateReader } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { SqliteReadModels } from './sqlite-read-models.ts'
import { stageProjection } from './stage-projection.ts'

const stages = ['new', 'active', 'fan', 'away']
const actors: Actor[] = ['a', 'b', 'c'].map((id) => ({ type: 'user', id }))

/** What the feed of a fold can hold, made from small numbers: transitions from where the actor is, notices, retractions newest first. */
class FeedMaker {
  readonly histories = new Map<string, { all: Output[]; effective: Output[] }>()
  #outputs = 0

  /** Undefined where a fold could not do that now. */
  next(what: 'transition' | 'notice' | 'retraction', actor: Actor, stage: string): Output | undefined {
    const history = this.histories.get(actor.id) ?? { all: [], effective: [] }
    this.histories.set(actor.id, history)
    const parts = what === 'retraction' ? this.#retraction(history.effective.at(-1)) : this.#onward(what, actor, stage)
    if (parts === undefined) return undefined
    const id = String(++this.#outputs).padStart(22, '0')
    const rest = { cycle: 'c', version: 1, generation: 1, noticedAt: formatInstant(0), dwellMs: null, origin: 'live', rule: 'r', cause: 'c' } as const
    const evidence = { measures: {}, event: null, recent: {}, deadline: null }
    const output: Output = { ...rest, id, seq: history.all.length + 1, actor, evidence, at: formatInstant(this.#outputs * 1000), ...parts }
    history.all.push(output)
    if (what === 'retraction') history.effective.pop()
    else history.effective.push(output)
    return output
  }

  #retraction(taken: Output | undefined) {
    return taken && ({ kind: 'retraction', from: taken.from, to: taken.to, at: taken.at, retracts: taken.id } as const)
  }

  #onward(what: 'transition' | 'notice', actor: Actor, stage: string) {
    const from = this.stageOf(actor)?.to ?? 'start'
    if (what === 'notice') return from === 'start' ? undefined : ({ kind: 'notice', from, to: from } as const)
    return stage === from ? undefined : ({ kind: 'advance', from, to: stage } as const)
  }

  stageOf(actor: Actor): Output | undefined {
    return this.histories.get(actor.id)?.effective.findLast(({ kind }) => kind !== 'notice')
  }
}

const choice = fc.record({
  what: fc.constantFrom('transition' as const, 'transition' as const, 'notice' as const, 'retraction' as const),
  actor: fc.constantFrom(...actors),
  stage: fc.constantFrom(...stages),
})

describe('the stage projection', () => {
  let home: TemporaryFolder
  let folder: DataFolder
  let reader: SqliteLogReader
  let state: SqliteStateReader
  let models: SqliteReadModels

  beforeEach(() => {
    home = temporaryFolder()
    folder = openDataFolder({ path: home.path, partitions: 1, identity: {}, extension: stageProjection })
    reader = folder.reader()
    state = folder.stateReader()
    models = new SqliteReadModels(state)
  })
  afterEach(async () => {
    state.close()
    await reader.close()
    await folder.close()
    home[Symbol.dispose]()
  })

  async function own(): Promise<OwnedPartition> {
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
    await reader.own({ assigned: resolve, revoked: () => {} })
    return promise
  }

  async function publish(owned: OwnedPartition, outputs: readonly Output[], logTime = 0) {
    const base = await owned.committed()
    const position = { offset: (base?.offset ?? -1) + 1, index: 0, cursor: null }
    return owned.commit({ base, position, logTime, outputs, late: [], quarantine: [], checkpoints: [], summary: '{}' })
  }

  async function expectModel(maker: FeedMaker) {
    const expected = actors.map((actor) => maker.stageOf(actor))
    const counts = await models.stageCounts()
    for (const stage of stages) expect(counts.stages.get(stage) ?? 0).toBe(expected.filter((output) => output?.to === stage).length)
    expect(counts.total).toBe(expected.filter((output) => output !== undefined).length)
    for (const [i, actor] of actors.entries()) {
      const present = expected[i]
      expect(await models.actor(actor)).toEqual(present && { stage: present.to, since: instantOf(present.at) })
      const { all, effective } = maker.histories.get(actor.id) ?? { all: [], effective: [] }
      const history = await models.history(actor, { most: 1000 })
      expect(history.map(({ output }) => output)).toEqual(all.toReversed())
      expect(history.filter(({ output, retracted }) => !retracted && output.kind !== 'retraction').map(({ output }) => output)).toEqual(effective.toReversed())
    }
  }

  it('equals what remains of the feed after retractions, at every step', async () => {
    const owned = await own()
    await fc.assert(
      fc
        .asyncProperty(fc.array(fc.array(choice, { maxLength: 8 }), { maxLength: 6 }), async (steps) => {
          const maker = new FeedMaker()
          for (const step of steps) {
            await publish(
              owned,
              step.flatMap(({ what, actor, stage }) => maker.next(what, actor, stage) ?? []),
            )
            await expectModel(maker)
          }
        })
        .beforeEach(() => emptyTables()),
      { numRuns: 60 },
    )
  }, 60_000)

  it('says as of when it counts: unknown before the first tick', async () => {
    const owned = await own()
    expect(await models.stageCounts()).toEqual({ asOf: Number.NEGATIVE_INFINITY, total: 0, stages: new Map() })
    await publish(owned, [], Number.NEGATIVE_INFINITY)
    expect((await models.stageCounts()).asOf).toBe(Number.NEGATIVE_INFINITY)
    await publish(owned, [], 1234)
    expect(await models.stageCounts()).toEqual({ asOf: 1234, total: 0, stages: new Map() })
  })

  it('pages through a history from its newest end', async () => {
    const owned = await own()
    const maker = new FeedMaker()
    const actor = { type: 'user', id: 'a' }
    const outputs = ['new', 'active', 'fan', 'away', 'new'].flatMap((stage) => maker.next('transition', actor, stage) ?? [])
    await publish(owned, outputs)
    const page = await models.history(actor, { most: 2 })
    expect(page.map(({ output }) => output.seq)).toEqual([5, 4])
    const next = await models.history(actor, { before: page.at(-1)?.cursor ?? 0, most: 2 })
    expect(next.map(({ output }) => output.seq)).toEqual([3, 2])
    expect(await models.history({ type: 'user', id: 'nobody' }, { most: 2 })).toEqual([])
  })

  it('publishes nothing of a step that takes back what is not in effect', async () => {
    const owned = await own()
    const maker = new FeedMaker()
    const actor = { type: 'user', id: 'a' }
    const first = ['new', 'active'].flatMap((stage) => maker.next('transition', actor, stage) ?? [])
    const twice = [maker.next('retraction', actor, ''), maker.next('retraction', actor, '')].flatMap((output) => output ?? [])
    await publish(owned, [...first, ...twice])
    await expect(publish(owned, twice.slice(0, 1))).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    await expectModel(maker)
    expect(await owned.committed()).toEqual({ offset: 0, index: 0, cursor: null })
  })

  /** Each case of the property starts with an empty feed; a folder for each would take most of the time. */
  async function emptyTables() {
    const { DatabaseSync } = await import('node:sqlite')
    const db = new DatabaseSync(`${home.path}/state.db`)
    db.exec('DELETE FROM outputs; DELETE FROM receipts; DELETE FROM actors; DELETE FROM stage_counts')
    db.close()
  }
})
