import type { ChainableCommander } from 'ioredis'
import { type Actor, type Instant, type Output, RondoError } from '#contracts'
import { dayOf, flows } from '../models/flows.ts'
import { HISTORIES, HISTORIES_VERSION } from '../models/projection.ts'
import { stageCounts } from '../models/stage-counts.ts'
import { stageMembers } from '../models/stage-members.ts'
import type { ActorStage, HourlyFlows, ReadModels, Receipt, StageAccounts, StageCounts, StagePage } from '../read-models.ts'
import { beingRebuilt } from '../rebuilding.ts'
import { AccountSums } from '../stage-accounts.ts'
import { parseStageCursor, stageCursor } from '../stage-cursor.ts'
import type { Generations } from './generations.ts'
import { isKept } from './kept-models.ts'
import { actorText, idOf, instantOfText, type KeyNames, keysOf, type ModelVersion, memberOfText, memberText, type PartitionKeys } from './model-keys.ts'
import { addAccountCommands, type PartitionAccount, partitionAccount, STAGE } from './partition-account.ts'
import { type RedisClient, redisFailure } from './redis-client.ts'
import { flowsOf, sumFlows } from './stored-flows.ts'

/** The answers of one partition to a transaction of commands, all of one moment. `filled`: when the partition was filled; null if it is not. */
interface Snapshot {
  readonly filled: string | null
  readonly answers: readonly unknown[]
}
/** Adds the commands for one partition; `names` gives the names of the model's keys. */
type AddCommands = (commands: ChainableCommander, keys: PartitionKeys, names: KeyNames) => unknown
/** The same for several models at once. */
type AddCommandsOfModels = (commands: ChainableCommander, keys: PartitionKeys, names: readonly KeyNames[]) => unknown

/**
 * Answers from the current generation. The answers of one partition are one snapshot. Partitions are asked at the same time, and one may be
 * some batches ahead of another: `asOf` is the least of their log times. An actor is searched in all partitions, so that this class does not
 * depend on how actors are distributed. Every answer includes whether the partition is filled, so that a Redis that was emptied is not
 * confused with a cycle without actors.
 */
export class RedisReadModels implements ReadModels {
  readonly #redis: RedisClient
  readonly #generations: Generations

  readonly #versions: ReadonlyMap<string, number>

  /** @param models the models that are read, with their versions */
  constructor(redis: RedisClient, generations: Generations, models: readonly ModelVersion[]) {
    this.#redis = redis
    this.#generations = generations
    this.#versions = new Map([{ name: HISTORIES, version: HISTORIES_VERSION }, ...models].map(({ name, version }) => [name, version]))
  }

  async asOf(): Promise<Instant> {
    return leastLogTime(await this.#answers<string | null>(HISTORIES, (commands, { state }) => commands.hget(state, 'logTime')))
  }

  async stageCounts(): Promise<StageCounts> {
    const found = await this.#fromEachPartition(async (keys) => {
      const { filled, answers } = await this.#snapshot(keys, stageCounts.name, (commands, { state }, names) => {
        commands.hget(state, 'logTime').hgetall(names('actors'))
      })
      const [logTime, actors] = answers as [string | null, Record<string, string>]
      return { filled, answer: { logTime, actors } }
    })
    const stages = new Map<string, number>()
    for (const [field, value] of found.flatMap(({ actors }) => Object.entries(actors))) {
      if (!field.startsWith(STAGE) || value === '0') continue
      const stage = field.slice(STAGE.length)
      stages.set(stage, (stages.get(stage) ?? 0) + Number(value))
    }
    const total = [...stages.values()].reduce((sum, actors) => sum + actors, 0)
    return { asOf: leastLogTime(found.map(({ logTime }) => logTime)), total, stages: new Map([...stages].sort()) }
  }

  async actor(actor: Actor): Promise<ActorStage | undefined> {
    const text = actorText(actor)
    const entries = await this.#answers<string | null>(HISTORIES, (commands, keys) => commands.lindex(keys.effective(text), -1))
    const found = entries.find((entry) => entry !== null)
    if (found === undefined || found === null) return undefined
    const [, , , , stage, since] = JSON.parse(found) as [seq: string, id: string, kind: string, from: string, stage: string, since: string]
    return { stage, since: instantOfText(since) }
  }

  /** The cursor of an output is its `seq`: its position in the list of its actor. */
  async history(actor: Actor, { before = Number.POSITIVE_INFINITY, limit }: { before?: number; limit: number }): Promise<Receipt[]> {
    if (limit <= 0) return []
    const text = actorText(actor)
    const [first, last] = before === Number.POSITIVE_INFINITY ? [-limit, -1] : await this.#placesBefore(text, before, limit)
    if (last < first && last !== -1) return []
    const found = (await this.#answers<string[]>(HISTORIES, (commands, keys) => commands.lrange(keys.history(text), first, last))).flat()
    return found.reverse().map((entry) => {
      const output = JSON.parse(entry.slice(1)) as Output
      return { cursor: output.seq, output, retracted: entry.startsWith('-') }
    })
  }

  /** The places in an actor's list before a cursor, which may be beyond its end. The list only grows, so they stay. */
  async #placesBefore(actor: string, before: number, limit: number): Promise<readonly [first: number, last: number]> {
    const lengths = await this.#answers<number>(HISTORIES, (commands, keys) => commands.llen(keys.history(actor)))
    const end = Math.max(0, Math.min(before - 1, Math.max(...lengths)))
    return end === 0 ? [0, -2] : [Math.max(0, end - limit), end - 1]
  }

  async actorsIn(stage: string, { after, limit }: { after?: string; limit: number }): Promise<StagePage> {
    // The members of a stage begin with its id and a dot. The slash is the character after the dot, so it ends the range.
    const start = after === undefined ? `[${stage}.` : `(${stage}.${memberText(parseStageCursor(after))}`
    // One member more than the limit shows whether there is another page.
    const found = await this.#answers<string[]>(stageMembers.name, (commands, _, names) =>
      commands.zrangebylex(names('members'), start, `(${stage}/`, 'LIMIT', 0, limit + 1),
    )
    const texts = found.flat().map((member) => Buffer.from(member.slice(stage.length + 1)))
    const members = texts.sort(Buffer.compare).map((text) => memberOfText(text.toString()))
    const page = members.slice(0, limit)
    const last = page.at(-1)
    return { members: page, next: members.length > page.length && last !== undefined ? stageCursor(last) : undefined }
  }

  async transitionsPerHour({ from, until }: { from: Instant; until: Instant }): Promise<HourlyFlows> {
    const found = await this.#fromEachPartition(async (keys) => {
      const before = await this.#snapshot(keys, flows.name, (commands, _, names) => commands.zrangebyscore(names('days'), dayOf(from), dayOf(until)))
      const [days] = before.answers as [string[]]
      const moment = await this.#snapshot(keys, flows.name, (commands, { state }, names) => {
        commands.hget(state, 'logTime')
        for (const day of days) commands.hgetall(names('hours', day))
      })
      const [logTime, ...hours] = moment.answers as [string | null, ...Record<string, string>[]]
      const ofDays = days.flatMap((day, i) => flowsOf(Number(day), hours[i] ?? {}))
      // If Redis was emptied and filled again between the two transactions, the list of days is outdated.
      return { filled: before.filled === moment.filled ? moment.filled : null, answer: { logTime, ofDays } }
    })
    const inRange = found.flatMap(({ ofDays }) => ofDays).filter(({ hour }) => hour >= from && hour < until)
    return { asOf: leastLogTime(found.map(({ logTime }) => logTime)), flows: sumFlows(inRange) }
  }

  async accounts({ from }: { from: Instant }): Promise<StageAccounts> {
    const sums = new AccountSums()
    const found = await this.#fromEachPartition(async (keys) => {
      const account = await this.#accountOf(keys)
      return { filled: account.filled, answer: account }
    })
    for (const { parts } of found) for (const [stage, part, actors] of parts) sums.add(stage, part, actors)
    const logTimes = found.map(({ logTime }) => logTime)
    const recent = found.flatMap(({ ofFlows }) => ofFlows).filter(({ hour }) => hour >= from)
    return { asOf: leastLogTime(logTimes), upTo: greatestLogTime(logTimes), stages: sums.stages, flows: sumFlows(recent) }
  }

  /** All of it in one transaction of Redis. Which stages and days there are is read before; if there are more meanwhile, it is read again. */
  async #accountOf(keys: PartitionKeys): Promise<PartitionAccount & Pick<Snapshot, 'filled'>> {
    const models = [stageCounts.name, stageMembers.name, flows.name]
    for (let [stages, days]: [string[], string[]] = [[], []]; ; ) {
      const { filled, answers } = await this.#snapshotOf(keys, models, (commands, { state }, names) => {
        const [counts, members, flow] = names as [KeyNames, KeyNames, KeyNames]
        addAccountCommands(commands, { state, counts: counts('actors'), members: members('members'), flow, stages, days })
      })
      const account = partitionAccount(answers, { stages, days })
      if (account.isComplete) return { filled, ...account }
      ;({ stages, days } = account)
    }
  }

  /** The answers of all partitions to one command. */
  #answers<T>(model: string, ask: AddCommands): Promise<T[]> {
    return this.#fromEachPartition(async (keys) => {
      const { filled, answers } = await this.#snapshot(keys, model, ask)
      return { filled, answer: answers[0] as T }
    })
  }

  /** The answers of one partition about one model. @throws RondoError as {@link #snapshotOf} */
  #snapshot(keys: PartitionKeys, model: string, ask: AddCommands): Promise<Snapshot> {
    return this.#snapshotOf(keys, [model], (commands, of, [names]) => ask(commands, of, names as KeyNames))
  }

  /** The answers of one partition. @throws RondoError RONDO_MODELS_UNAVAILABLE if a model is not there, or has another version than this release reads */
  async #snapshotOf(keys: PartitionKeys, names: readonly string[], ask: AddCommandsOfModels): Promise<Snapshot> {
    const models = names.map((name) => ({ name, version: this.#versions.get(name) ?? 0 }))
    const commands = this.#redis.multi().hmget(keys.state, 'filled', 'models', ...models.map((model) => `position.${idOf(model)}`))
    ask(
      commands,
      keys,
      models.map((model) => keys.keyNamesOf(model)),
    )
    const [state, ...answers] = answersOf(await commands.exec())
    const [filled, kept, ...positions] = state as [string | null, string | null, ...(string | null)[]]
    if (filled === null) return { filled, answers }
    const other = models.find((model) => !isKept(kept, model))
    if (other !== undefined) throw keptByOtherError(other)
    const behind = models.find((_, i) => positions[i] !== null)
    if (behind !== undefined) throw beingRebuilt(behind.name)
    return { filled, answers }
  }

  /**
   * Asks every partition of the current generation. If another generation became the current one meanwhile, it asks that one, since the first
   * may be partly deleted.
   * @throws RondoError RONDO_MODELS_UNAVAILABLE, also if Redis does not have all read models
   */
  async #fromEachPartition<T>(read: (keys: PartitionKeys) => Promise<{ filled: string | null; answer: T }>): Promise<T[]> {
    try {
      for (let current = await this.#generations.current(); current !== undefined; ) {
        const found = await Promise.all(keysOf(this.#generations.prefix, current).map(read))
        const next = await this.#generations.current()
        if (next?.name === current.name && found.every(({ filled }) => filled !== null)) return found.map(({ answer }) => answer)
        if (next?.name === current.name) break
        current = next
      }
    } catch (cause) {
      throw redisFailure('The read models cannot be read', cause)
    }
    throw notFilledError()
  }
}

function keptByOtherError({ name, version }: ModelVersion): RondoError {
  const message = `Another release of Rondo keeps the read models in this Redis: ${name} is not there in version ${version}, which this process reads. Ask a process of that release, or stop its processes to go back to this one.`
  return new RondoError('RONDO_MODELS_UNAVAILABLE', message, { retriable: true })
}

function notFilledError(): RondoError {
  const message = 'Redis does not hold all of the read models: they are being filled from the feed, for the first time or because they were lost. Ask again.'
  return new RondoError('RONDO_MODELS_UNAVAILABLE', message, { retriable: true })
}

/** The answers to a transaction of commands. @throws RondoError for the first command that failed */
function answersOf(replies: [Error | null, unknown][] | null): unknown[] {
  return (replies ?? []).map(([failure, reply]) => {
    if (failure !== null) throw redisFailure('The read models cannot be read', failure)
    return reply
  })
}

/** The least log time; minus infinity if there is no partition, or if a partition has no log time. */
function leastLogTime(logTimes: readonly (string | null | undefined)[]): Instant {
  const instants = logTimes.map((text) => (text === null || text === undefined ? Number.NEGATIVE_INFINITY : Number(text)))
  return instants.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...instants)
}

/** The greatest log time; minus infinity if no partition has one. */
function greatestLogTime(logTimes: readonly (string | null)[]): Instant {
  return Math.max(Number.NEGATIVE_INFINITY, ...logTimes.flatMap((text) => (text === null ? [] : [Number(text)])))
}
