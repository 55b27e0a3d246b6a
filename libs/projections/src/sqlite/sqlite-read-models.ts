import type { Actor, Instant, Output } from '#contracts'
import { damaged, type SqliteStateReader, withinFile } from '#event-log'
import type { ActorStage, Flow, HourlyFlows, ReadModels, Receipt, StageCounts, StagePage } from '../read-models.ts'
import { parseStageCursor, stageCursor } from '../stage-cursor.ts'

interface CountRow {
  readonly stage: string | null
  readonly actors: number
  readonly asOf: Instant | null
}

interface ActorRow {
  readonly stage: string | null
  readonly since: Instant | null
  readonly newest: number
}

interface ReceiptRow {
  readonly previous: number | null
  readonly retracted: number
}

interface MemberRow {
  readonly type: string
  readonly id: string
  readonly since: Instant
}

interface FlowRow extends Omit<Flow, 'hour'> {
  /** Null where there is no flow, only a time. */
  readonly hour: Instant | null
  readonly asOf: Instant | null
}

/** The log time of the partition that is furthest behind; null where one has had no tick. */
const AS_OF = 'SELECT CASE WHEN count(*) = count(log_time) THEN min(log_time) END AS "asOf" FROM folded'
/** Before every listing, since no actor is without a type. */
const BEGINNING = { since: Number.MIN_SAFE_INTEGER, actor: { type: '', id: '' } }

/** Reads the tables of {@link stageProjection}. Each answer is one snapshot. */
export class SqliteReadModels implements ReadModels {
  readonly #state: SqliteStateReader
  readonly #counts
  readonly #actor
  readonly #receipt
  readonly #members
  readonly #flows

  constructor(state: SqliteStateReader) {
    this.#state = state
    const { db } = state
    const prepared = withinFile(state.path, () => ({
      // One statement, so that the counts and their time are of one moment; a partition without a tick holds all of them at "unknown".
      counts: db.prepare(`SELECT stage, actors, "asOf" FROM
        (${AS_OF}) LEFT JOIN stage_counts ON actors <> 0 ORDER BY stage`),
      actor: db.prepare('SELECT stage, since, newest FROM actors WHERE actor_type = ? AND actor_id = ?'),
      receipt: db.prepare('SELECT previous, retracted FROM receipts WHERE "cursor" = ?'),
      members: db.prepare(`SELECT actor_type AS type, actor_id AS id, since FROM actors WHERE stage = ? AND (since, actor_type, actor_id) > (?, ?, ?)
        ORDER BY since, actor_type, actor_id LIMIT ?`),
      flows: db.prepare(`SELECT "asOf", hour, kind, from_stage AS "from", to_stage AS "to", transitions FROM
        (${AS_OF}) LEFT JOIN flows ON hour >= ? AND hour < ? AND transitions <> 0 ORDER BY hour, kind, from_stage, to_stage`),
    }))
    this.#counts = prepared.counts
    this.#actor = prepared.actor
    this.#receipt = prepared.receipt
    this.#members = prepared.members
    this.#flows = prepared.flows
  }

  async stageCounts(): Promise<StageCounts> {
    const rows = withinFile(this.#state.path, () => this.#counts.all() as unknown as CountRow[])
    const stages = new Map(rows.flatMap(({ stage, actors }) => (stage === null ? [] : [[stage, actors] as const])))
    const total = [...stages.values()].reduce((sum, actors) => sum + actors, 0)
    return { asOf: rows[0]?.asOf ?? Number.NEGATIVE_INFINITY, total, stages }
  }

  async actor(actor: Actor): Promise<ActorStage | undefined> {
    const { stage, since } = this.#row(actor) ?? {}
    return typeof stage === 'string' && typeof since === 'number' ? { stage, since } : undefined
  }

  async history(actor: Actor, { before = Number.POSITIVE_INFINITY, most }: { before?: number; most: number }): Promise<Receipt[]> {
    const receipts: Receipt[] = []
    for (let cursor = this.#row(actor)?.newest ?? null; cursor !== null && receipts.length < most; ) {
      const { previous, retracted } = this.#receiptAt(cursor)
      if (cursor < before) receipts.push({ cursor, output: JSON.parse(this.#state.at(cursor)) as Output, retracted: retracted !== 0 })
      cursor = previous
    }
    return receipts
  }

  async actorsIn(stage: string, { after, most }: { after?: string; most: number }): Promise<StagePage> {
    const { since, actor } = after === undefined ? BEGINNING : parseStageCursor(after)
    // One more than was asked for tells whether this is the end.
    const rows = withinFile(this.#state.path, () => this.#members.all(stage, since, actor.type, actor.id, most + 1) as unknown as MemberRow[])
    const members = rows.slice(0, most).map((row) => ({ actor: { type: row.type, id: row.id }, since: row.since }))
    const last = members.at(-1)
    return { members, next: rows.length > most && last !== undefined ? stageCursor(last) : undefined }
  }

  async transitionsPerHour({ from, until }: { from: Instant; until: Instant }): Promise<HourlyFlows> {
    const rows = withinFile(this.#state.path, () => this.#flows.all(from, until) as unknown as FlowRow[])
    const flows = rows.flatMap(({ asOf: _, hour, ...flow }) => (hour === null ? [] : [{ hour, ...flow }]))
    return { asOf: rows[0]?.asOf ?? Number.NEGATIVE_INFINITY, flows }
  }

  #row({ type, id }: Actor): ActorRow | undefined {
    return withinFile(this.#state.path, () => this.#actor.get(type, id) as unknown as ActorRow | undefined)
  }

  #receiptAt(cursor: number): ReceiptRow {
    const row = withinFile(this.#state.path, () => this.#receipt.get(cursor) as unknown as ReceiptRow | undefined)
    if (row === undefined) throw damaged(this.#state.path, `the receipt at cursor ${cursor} is missing`)
    return row
  }
}
