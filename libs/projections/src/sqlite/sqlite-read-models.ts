import type { Actor, Instant, Output } from '#contracts'
import { damaged, type SqliteStateReader, withinFile } from '#event-log'
import type { ActorStage, ReadModels, Receipt, StageCounts } from '../read-models.ts'

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

/** Reads the tables of {@link stageProjection}. Each answer is one snapshot. */
export class SqliteReadModels implements ReadModels {
  readonly #state: SqliteStateReader
  readonly #counts
  readonly #actor
  readonly #receipt

  constructor(state: SqliteStateReader) {
    this.#state = state
    const { db } = state
    const prepared = withinFile(state.path, () => ({
      // One statement, so that the counts and their time are of one moment; a partition without a tick holds all of them at "unknown".
      counts: db.prepare(`SELECT stage, actors, "asOf" FROM
        (SELECT CASE WHEN count(*) = count(log_time) THEN min(log_time) END AS "asOf" FROM folded)
        LEFT JOIN stage_counts ON actors <> 0 ORDER BY stage`),
      actor: db.prepare('SELECT stage, since, newest FROM actors WHERE actor_type = ? AND actor_id = ?'),
      receipt: db.prepare('SELECT previous, retracted FROM receipts WHERE "cursor" = ?'),
    }))
    this.#counts = prepared.counts
    this.#actor = prepared.actor
    this.#receipt = prepared.receipt
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

  #row({ type, id }: Actor): ActorRow | undefined {
    return withinFile(this.#state.path, () => this.#actor.get(type, id) as unknown as ActorRow | undefined)
  }

  #receiptAt(cursor: number): ReceiptRow {
    const row = withinFile(this.#state.path, () => this.#receipt.get(cursor) as unknown as ReceiptRow | undefined)
    if (row === undefined) throw damaged(this.#state.path, `the receipt at cursor ${cursor} is missing`)
    return row
  }
}
