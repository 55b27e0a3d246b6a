import type { Actor, Instant, Output } from '#contracts'
import { type SqliteStateReader, withinFile } from '#event-log'
import type { ActorStage, ReadModels, Receipt, StageCounts } from '../read-models.ts'

interface CountRow {
  readonly stage: string | null
  readonly actors: number
  readonly asOf: Instant | null
}

/** Reads the tables of {@link stageProjection}. Each answer is one snapshot. */
export class SqliteReadModels implements ReadModels {
  readonly #state: SqliteStateReader
  readonly #counts
  readonly #actor
  readonly #effective

  constructor(state: SqliteStateReader) {
    this.#state = state
    const { db } = state
    const prepared = withinFile(state.path, () => ({
      // One statement, so that the counts and their time are of one moment; a partition without a tick holds all of them at "unknown".
      counts: db.prepare(`SELECT stage, actors, "asOf" FROM
        (SELECT CASE WHEN count(*) = count(log_time) THEN min(log_time) END AS "asOf" FROM folded)
        LEFT JOIN stage_counts ON actors <> 0 ORDER BY stage`),
      actor: db.prepare('SELECT stage, since FROM actors WHERE actor_type = ? AND actor_id = ?'),
      effective: db.prepare('SELECT 1 FROM effective WHERE actor_type = ? AND actor_id = ? AND seq = ? AND output_id = ?'),
    }))
    this.#counts = prepared.counts
    this.#actor = prepared.actor
    this.#effective = prepared.effective
  }

  async stageCounts(): Promise<StageCounts> {
    const rows = withinFile(this.#state.path, () => this.#counts.all() as unknown as CountRow[])
    const stages = new Map(rows.flatMap(({ stage, actors }) => (stage === null ? [] : [[stage, actors] as const])))
    const total = [...stages.values()].reduce((sum, actors) => sum + actors, 0)
    return { asOf: rows[0]?.asOf ?? Number.NEGATIVE_INFINITY, total, stages }
  }

  async actor(actor: Actor): Promise<ActorStage | undefined> {
    return withinFile(this.#state.path, () => this.#actor.get(actor.type, actor.id) as unknown as ActorStage | undefined)
  }

  async history(actor: Actor, range: { before?: number; most: number }): Promise<Receipt[]> {
    const records = await this.#state.outputsOf(actor, range)
    return withinFile(this.#state.path, () =>
      records.map(({ cursor, output: text }) => {
        const output = JSON.parse(text) as Output
        return { cursor, output, retracted: output.kind !== 'retraction' && !this.#isEffective(output) }
      }),
    )
  }

  #isEffective({ actor, seq, id }: Output): boolean {
    return this.#effective.get(actor.type, actor.id, seq, id) !== undefined
  }
}
