import { literal } from '../questions/sql-text.ts'
import { columnsOf, type Staging } from './staging.ts'

/** How many ids one half of the memory keeps: two halves of short ids take about 60 MB. */
const KEPT_MAX = 250_000

/** Runs a statement within the transaction of a batch. */
export type RunStatement = <Row>(sql: string) => Promise<Row[]>

/** The numbers of actors. Those of the actors that came last are remembered; the others are found in the table. */
export class ActorNumbers {
  readonly #staging: Staging
  readonly #run: RunStatement
  #young = new Map<string, number>()
  #old = new Map<string, number>()
  #next: number | undefined

  constructor(staging: Staging, run: RunStatement) {
    this.#staging = staging
    this.#run = run
  }

  /** The number of an actor of the batch. */
  of(id: string): number {
    return (this.#young.get(id) ?? this.#old.get(id)) as number
  }

  /** Finds the numbers of all these actors, and gives new ones theirs. */
  async find(ids: Iterable<string>, type: string): Promise<void> {
    if (this.#young.size > KEPT_MAX) {
      this.#old = this.#young
      this.#young = new Map()
    }
    const missing = new Set<string>()
    for (const id of ids) {
      if (this.#young.has(id)) continue
      const known = this.#old.get(id)
      if (known === undefined) missing.add(id)
      else this.#young.set(id, known)
    }
    if (missing.size > 0) await this.#look(missing, type)
  }

  /** After a transaction that failed: numbers that it gave are not stored. */
  forget(): void {
    this.#young.clear()
    this.#old.clear()
    this.#next = undefined
  }

  async #look(missing: ReadonlySet<string>, type: string): Promise<void> {
    this.#next ??= (await this.#run<{ next: number }>('SELECT coalesce(max(actor) + 1, 0) AS next FROM actors'))[0]?.next ?? 0
    if (this.#next > 0) {
      await this.#staging.append('staged_ids', [[...missing]])
      for (const { id, actor } of await this.#run<{ id: string; actor: number }>('SELECT id, actor FROM actors SEMI JOIN staged_ids USING (id)'))
        this.#young.set(id, actor)
      await this.#run('TRUNCATE staged_ids')
    }
    const added: [actor: number, id: string][] = []
    for (const id of missing) {
      if (this.#young.has(id)) continue
      this.#young.set(id, this.#next)
      added.push([this.#next++, id])
    }
    await this.#staging.append('staged_actors', columnsOf(added))
    if (added.length > 0) await this.#run(`INSERT INTO actors SELECT actor, ${literal(type)}, id FROM staged_actors`)
    await this.#run('TRUNCATE staged_actors')
  }
}
