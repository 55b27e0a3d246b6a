import type { Actor, Instant, Output, TransitionKind } from '#contracts'
import type { StateReader } from '#event-log'
import { flows } from '../models/flows.ts'
import { HISTORIES } from '../models/projection.ts'
import { stageCounts } from '../models/stage-counts.ts'
import { stageMembers } from '../models/stage-members.ts'
import type { ActorStage, Flow, HourlyFlows, ReadModels, Receipt, StageAccount, StageAccounts, StageCounts, StagePage } from '../read-models.ts'
import { beingRebuilt } from '../rebuilding.ts'
import { AccountSums } from '../stage-accounts.ts'
import { parseStageCursor, stageCursor } from '../stage-cursor.ts'

// The rows that the statements below give.

interface CountRow {
  readonly stage: string | null
  readonly actors: number
  readonly asOf: Instant | null
}

/** A row of the table of actors. */
interface ActorRow {
  readonly stage: string | null
  readonly since: Instant | null
  readonly newest: number
}

/** The earlier receipt of an actor, and whether its output was retracted. */
interface ReceiptRow {
  readonly previous: number | null
  readonly retracted: number
}

/** An actor in a stage. */
interface MemberRow {
  readonly type: string
  readonly id: string
  readonly since: Instant
}

/** A row of the table of flows. */
interface FlowRow extends Omit<Flow, 'hour'> {
  /** Null in the one row of an answer without flows, which has only the log time. */
  readonly hour: Instant | null
  readonly asOf: Instant | null
}

/** A part of a stage's account. */
interface AccountRow {
  /** Null in the one row of an answer without stages, which has only the log time. */
  readonly stage: string | null
  /** `flow`: a row of the flows. */
  readonly part: keyof StageAccount | 'flow'
  readonly actors: number
  readonly hour: Instant | null
  readonly kind: TransitionKind | null
  readonly to: string | null
  readonly asOf: Instant | null
  readonly upTo: Instant | null
}

/** The least log time of the partitions; null if a partition has had no tick yet. */
const AS_OF = 'SELECT CASE WHEN count(*) = count(log_time) THEN min(log_time) END AS "asOf" FROM folded'
/** A cursor before every member, since the type of an actor is never empty. */
const BEGINNING = { since: Number.MIN_SAFE_INTEGER, actor: { type: '', id: '' } }

/** Reads the tables of the read models in state.db. Each answer is one snapshot; a question to a model that is being rebuilt is refused. */
export class SqliteReadModels implements ReadModels {
  readonly #state: StateReader
  readonly #statements: ReturnType<typeof prepare>
  /** Models that were found complete. A complete model stays complete until the process ends, so it is not checked again. */
  readonly #complete = new Set<string>()

  constructor(state: StateReader) {
    this.#state = state
    this.#statements = prepare(state.tables)
  }

  async asOf(): Promise<Instant> {
    return Number(this.#statements.asOf.get()?.['asOf'] ?? Number.NEGATIVE_INFINITY)
  }

  async stageCounts(): Promise<StageCounts> {
    this.#require(stageCounts.name)
    const rows = this.#statements.counts.all() as unknown as CountRow[]
    const stages = new Map(rows.flatMap(({ stage, actors }) => (stage === null ? [] : [[stage, actors] as const])))
    const total = [...stages.values()].reduce((sum, actors) => sum + actors, 0)
    return { asOf: rows[0]?.asOf ?? Number.NEGATIVE_INFINITY, total, stages }
  }

  async actor(actor: Actor): Promise<ActorStage | undefined> {
    const { stage, since } = this.#row(actor) ?? {}
    return typeof stage === 'string' && typeof since === 'number' ? { stage, since } : undefined
  }

  async history(actor: Actor, { before = Number.POSITIVE_INFINITY, limit }: { before?: number; limit: number }): Promise<Receipt[]> {
    const receipts: Receipt[] = []
    for (let cursor = this.#row(actor)?.newest ?? null; cursor !== null && receipts.length < limit; ) {
      const { previous, retracted } = this.#receiptAt(cursor)
      if (cursor < before) receipts.push({ cursor, output: JSON.parse(this.#state.at(cursor)) as Output, retracted: retracted !== 0 })
      cursor = previous
    }
    return receipts
  }

  async actorsIn(stage: string, { after, limit }: { after?: string; limit: number }): Promise<StagePage> {
    const { since, actor } = after === undefined ? BEGINNING : parseStageCursor(after)
    this.#require(HISTORIES)
    this.#require(stageMembers.name)
    // One member more than the limit shows whether there is another page.
    const rows = this.#statements.members.all(stage, since, actor.type, actor.id, limit + 1) as unknown as MemberRow[]
    const members = rows.slice(0, limit).map((row) => ({ actor: { type: row.type, id: row.id }, since: row.since }))
    const last = members.at(-1)
    return { members, next: rows.length > limit && last !== undefined ? stageCursor(last) : undefined }
  }

  async transitionsPerHour({ from, until }: { from: Instant; until: Instant }): Promise<HourlyFlows> {
    this.#require(flows.name)
    const rows = this.#statements.flows.all(from, until) as unknown as FlowRow[]
    const found = rows.flatMap(({ asOf: _, hour, ...flow }) => (hour === null ? [] : [{ hour, ...flow }]))
    return { asOf: rows[0]?.asOf ?? Number.NEGATIVE_INFINITY, flows: found }
  }

  async accounts({ from }: { from: Instant }): Promise<StageAccounts> {
    for (const model of [HISTORIES, stageCounts.name, stageMembers.name, flows.name]) this.#require(model)
    const rows = this.#statements.accounts.all(from) as unknown as AccountRow[]
    const sums = new AccountSums()
    for (const { stage, part, actors } of rows) if (stage !== null && part !== 'flow') sums.add(stage, part, actors)
    const [first] = rows
    const { asOf, upTo } = { asOf: first?.asOf ?? Number.NEGATIVE_INFINITY, upTo: first?.upTo ?? Number.NEGATIVE_INFINITY }
    return { asOf, upTo, stages: sums.stages, flows: rows.flatMap(flowOf) }
  }

  #row({ type, id }: Actor): ActorRow | undefined {
    this.#require(HISTORIES)
    return this.#statements.actor.get(type, id) as unknown as ActorRow | undefined
  }

  #receiptAt(cursor: number): ReceiptRow {
    const row = this.#statements.receipt.get(cursor) as unknown as ReceiptRow | undefined
    if (row === undefined) throw this.#state.damaged(`the receipt at cursor ${cursor} is missing`)
    return row
  }

  /** @throws RondoError RONDO_MODELS_UNAVAILABLE while the model is being rebuilt */
  #require(model: string): void {
    if (this.#complete.has(model)) return
    if (this.#statements.incomplete.get(model) !== undefined) throw beingRebuilt(model)
    this.#complete.add(model)
  }
}

function flowOf({ stage, part, actors, hour, kind, to }: AccountRow): Flow[] {
  if (part !== 'flow' || stage === null || hour === null || kind === null || to === null) return []
  return [{ hour, kind, from: stage, to, transitions: actors }]
}

function prepare(tables: StateReader['tables']) {
  return {
    asOf: tables.prepare(AS_OF),
    incomplete: tables.prepare('SELECT 1 AS yes FROM read_models WHERE name = ? AND "cursor" IS NOT NULL'),
    // One statement, so that the counts and their log time are one snapshot. The log time is unknown while a partition has had no tick.
    counts: tables.prepare(`SELECT stage, actors, "asOf" FROM
      (${AS_OF}) LEFT JOIN stage_counts ON actors <> 0 ORDER BY stage`),
    actor: tables.prepare('SELECT stage, since, newest FROM actors WHERE actor_type = ? AND actor_id = ?'),
    receipt: tables.prepare('SELECT previous, retracted FROM receipts WHERE "cursor" = ?'),
    members: tables.prepare(`SELECT actor_type AS type, actor_id AS id, since FROM actors WHERE stage = ? AND (since, actor_type, actor_id) > (?, ?, ?)
      ORDER BY since, actor_type, actor_id LIMIT ?`),
    flows: tables.prepare(`SELECT "asOf", hour, kind, from_stage AS "from", to_stage AS "to", transitions FROM
      (${AS_OF}) LEFT JOIN flows ON hour >= ? AND hour < ? AND transitions <> 0 ORDER BY hour, kind, from_stage, to_stage`),
    // One statement, so that all is of one moment.
    accounts:
      tables.prepare(`SELECT "asOf", "upTo", stage, part, actors, hour, kind, "to" FROM (${AS_OF}), (SELECT max(log_time) AS "upTo" FROM folded) LEFT JOIN (
      SELECT stage, 'counted' AS part, actors, NULL AS hour, NULL AS kind, NULL AS "to" FROM stage_counts
      UNION ALL SELECT stage, 'listed', count(*), NULL, NULL, NULL FROM actors WHERE stage IS NOT NULL GROUP BY stage
      UNION ALL SELECT to_stage, 'entered', sum(transitions), NULL, NULL, NULL FROM flows GROUP BY to_stage
      UNION ALL SELECT from_stage, 'left', sum(transitions), NULL, NULL, NULL FROM flows GROUP BY from_stage
      UNION ALL SELECT from_stage, 'flow', transitions, hour, kind, to_stage FROM flows WHERE hour >= ?) ON actors <> 0
      ORDER BY hour, kind, stage, "to"`),
  }
}
