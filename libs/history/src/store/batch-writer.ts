import type { DuckDBConnection } from '@duckdb/node-api'
import type { Output } from '#contracts'
import { outputId } from '#cycle'
import { faultPoint } from '#runtime'
import { HistoryFileError } from '../duckdb/history-failure.ts'
import type { DuckDb } from '../duckdb/load-duckdb.ts'
import { rowsOf } from '../duckdb/rows.ts'
import type { HistoryValues } from '../history-reader.ts'
import { ActorNumbers } from './actor-numbers.ts'
import {
  dropOlderTraits,
  insertActive,
  insertEndedStays,
  insertRunningStays,
  insertTraits,
  insertTransitions,
  moveActors,
  removeCorrectedStays,
  removeReplacedTraits,
  removeRunningStays,
  retract,
  retractable,
} from './batch-statements.ts'
import { type FollowedTo, HistoryBatch, OutputPaths } from './history-batch.ts'
import { columnsOf, Staging } from './staging.ts'

/** The temporary tables of a batch. */
const staged = ['staged_outputs', 'staged_retractions', 'staged_corrections', 'staged_active', 'staged_traits']

/** Writes batches, each with the positions that it leads to in one transaction. One of them works on a file, one batch after the other. */
export class BatchWriter {
  readonly #duckdb: DuckDb
  readonly #connection: DuckDBConnection
  readonly #actorType: string
  readonly #staging: Staging
  readonly #numbers: ActorNumbers
  #paths = new OutputPaths()

  constructor(duckdb: DuckDb, connection: DuckDBConnection, actorType: string) {
    this.#duckdb = duckdb
    this.#connection = connection
    this.#actorType = actorType
    this.#staging = new Staging(duckdb, connection)
    this.#numbers = new ActorNumbers(this.#staging, (sql) => this.#run(sql))
  }

  newBatch(): HistoryBatch {
    return new HistoryBatch(this.#paths)
  }

  /** Writes a batch, or nothing of it. After a failure the batch cannot be used again: it is to be read from the stored positions. */
  async write(batch: HistoryBatch): Promise<void> {
    faultPoint('history-batch', 'enter')
    await this.#run('BEGIN')
    try {
      await this.#apply(batch)
      faultPoint('history-commit', 'enter')
      await this.#run('COMMIT')
      faultPoint('history-commit', 'leave')
    } catch (failure) {
      await this.#run('ROLLBACK').catch(() => {})
      this.#numbers.forget()
      this.#paths = new OutputPaths()
      for (const table of ['staged_paths', 'staged_ids', 'staged_actors', ...staged]) await this.#run(`TRUNCATE ${table}`).catch(() => {})
      throw failure
    }
    faultPoint('history-batch', 'leave')
  }

  async #apply(batch: HistoryBatch): Promise<void> {
    await this.#numbers.find(batch.actorIds(), this.#actorType)
    if (batch.outputCount > 0) await this.#applyOutputs(batch)
    await this.#applyActive(batch)
    await this.#applyTraits(batch)
    for (const table of batch.rows > 0 ? staged : []) await this.#run(`TRUNCATE ${table}`)
    faultPoint('history-positions', 'enter')
    for (const followed of batch.followed.values()) await this.#applyPosition(followed)
    faultPoint('history-positions', 'leave')
  }

  async #applyOutputs({ outputs, retractions }: HistoryBatch): Promise<void> {
    const { actors, seqs, paths, ats, noticedAts, dwells, retractedAts } = outputs
    await this.#staging.append('staged_paths', columnsOf(this.#paths.added.splice(0)))
    const numbers = actors.map((id) => this.#numbers.of(id))
    await this.#staging.append('staged_outputs', [numbers, seqs, paths, ats, noticedAts, dwells, retractedAts])
    await this.#run(insertTransitions)
    if (retractions.length > 0) await this.#retract(retractions)
    await this.#run(moveActors)
    if (retractions.length > 0) await this.#run(removeCorrectedStays)
    await this.#run(removeRunningStays)
    await this.#run(insertEndedStays)
    await this.#run(insertRunningStays)
  }

  async #retract(retractions: HistoryBatch['retractions']): Promise<void> {
    const rows = retractions.map(({ output, at }, number) => [this.#numbers.of(output.actor.id), at, number])
    await this.#staging.append('staged_retractions', columnsOf(rows))
    const corrections = new Map<number, number>()
    for (const { number, seq } of await this.#run<{ number: number; seq: number }>(retractable)) {
      const { output } = retractions[number] as (typeof retractions)[number]
      if (outputId(output.cycle, output.generation, output.actor, seq) === output.retracts) corrections.set(number, seq)
    }
    const unknown = retractions.find((_, number) => !corrections.has(number))
    if (unknown !== undefined) throw unknownOutput(unknown.output)
    const corrected = retractions.flatMap(({ output, retractedAt }, number) => {
      const seq = corrections.get(number)
      return seq === undefined ? [] : [[this.#numbers.of(output.actor.id), seq, retractedAt]]
    })
    await this.#staging.append('staged_corrections', columnsOf(corrected))
    await this.#run(retract)
  }

  async #applyActive({ active: { actors, slots } }: HistoryBatch): Promise<void> {
    if (slots.length === 0) return
    const numbers = actors.map((id) => this.#numbers.of(id))
    await this.#staging.append('staged_active', [numbers, slots])
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const slot of slots) [from, to] = [Math.min(from, slot), Math.max(to, slot)]
    await this.#run(insertActive(from, to))
  }

  async #applyTraits({ traits }: HistoryBatch): Promise<void> {
    if (traits.size === 0) return
    const rows = [...traits].flatMap(([id, ofActor]) => [...ofActor].map(([name, { value, since }]) => [this.#numbers.of(id), name, value, since]))
    await this.#staging.append('staged_traits', columnsOf(rows))
    await this.#run(dropOlderTraits)
    await this.#run(removeReplacedTraits)
    await this.#run(insertTraits)
  }

  async #applyPosition({ partition, logTime, feedAfter, lateAfter, log, recall }: FollowedTo): Promise<void> {
    const values = { partition, logTime: logTime === undefined || !Number.isFinite(logTime) ? null : logTime, feedAfter, lateAfter, ...log, recall }
    const columns = 'feed_after = $feedAfter, late_after = $lateAfter, log_offset = $offset, log_index = $index, recall = $recall'
    await this.#run(`UPDATE as_of SET log_time = coalesce($logTime, log_time), ${columns} WHERE "partition" = $partition`, values)
  }

  #run<Row>(sql: string, values?: HistoryValues): Promise<Row[]> {
    return rowsOf<Row>(this.#duckdb, this.#connection, sql, values)
  }
}

function unknownOutput({ id, actor, retracts }: Output): HistoryFileError {
  const message = `The output ${id} of ${actor.type} ${JSON.stringify(actor.id)} retracts ${retracts}, which this history does not have. A running Rondo makes the history again from the feed and the log.`
  return new HistoryFileError('RONDO_DATA_CORRUPT', message, { retriable: true })
}
