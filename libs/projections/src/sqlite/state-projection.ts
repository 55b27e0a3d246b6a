import type { Output } from '#contracts'
import type { CommitBatch, ReadModelTables, ReadModelWriter, StateTables, StoredOutputs } from '#event-log'
import type { Change } from '../change.ts'
import { HISTORIES, HISTORIES_VERSION, readModels } from '../models/projection.ts'
import type { ReadModel, Rebuild } from '../models/read-model.ts'
import { ActorHistories } from './actor-histories.ts'
import { prepareModels } from './model-versions.ts'

/** The number of outputs that a rebuild applies in one transaction. The fold waits for one such transaction at most. */
const PART_OUTPUTS = 500

/** The models that state.db keeps; tests choose others than those of this release. */
export interface StateProjectionOptions {
  readonly models?: readonly ReadModel[]
  readonly historiesVersion?: number
  /** Called when the rebuild of a model begins, and when the model is complete. */
  readonly onRebuild?: (rebuild: Rebuild) => void
}

/**
 * The read models as tables of state.db, updated in the transaction that publishes the outputs. A model whose version has changed is rebuilt
 * from the stored feed, in parts between the batches. Each part is one transaction together with its last cursor, so that an interrupted
 * rebuild continues there.
 */
export function stateProjection({ models = readModels, historiesVersion = HISTORIES_VERSION, onRebuild }: StateProjectionOptions = {}): ReadModelTables {
  return {
    open: (tables) => prepareModels(tables, models, historiesVersion),
    prepare: (tables, outputs) => new ProjectionWriter(tables, outputs, { models, onRebuild }),
  }
}

/** The options of {@link stateProjection} that the writer needs. */
interface ProjectionWriterOptions {
  readonly models: readonly ReadModel[]
  readonly onRebuild: ((rebuild: Rebuild) => void) | undefined
}

/** Applies batches to the tables, and rebuilds the models that are behind. */
class ProjectionWriter implements ReadModelWriter {
  readonly #outputs: StoredOutputs
  readonly #histories: ActorHistories
  readonly #appliers: ReadonlyMap<string, (changes: readonly Change[]) => void>
  readonly #cursors
  readonly #putCursor
  readonly #onRebuild: ProjectionWriterOptions['onRebuild']
  /** The model that was last reported as started. */
  #reported: string | undefined
  #hasCaughtUp = false

  constructor(tables: StateTables, outputs: StoredOutputs, { models, onRebuild }: ProjectionWriterOptions) {
    this.#outputs = outputs
    this.#onRebuild = onRebuild
    this.#histories = new ActorHistories(tables, outputs)
    this.#appliers = new Map(models.map(({ name, sqlite }) => [name, sqlite.prepare?.(tables) ?? (() => {})]))
    this.#cursors = tables.prepare('SELECT name, version, "cursor" FROM read_models WHERE "cursor" IS NOT NULL')
    this.#putCursor = tables.prepare('UPDATE read_models SET "cursor" = ? WHERE name = ?')
  }

  apply(partition: number, batch: CommitBatch, firstOutputCursor: number): void {
    const behind = this.#behind()
    if (!behind.has(HISTORIES)) {
      const changes = batch.outputs.map((output, i) => this.#histories.add(output, firstOutputCursor + i))
      const upToDate = [...this.#appliers].filter(([name]) => !behind.has(name))
      for (const [, apply] of upToDate) apply(changes)
    }
    this.#histories.putLogTime(partition, batch.logTime)
  }

  /** Makes one part of a model that is behind; of the histories first, because the other models are made from them. @returns false if no model is behind */
  catchUp(): boolean {
    const behind = this.#behind()
    const next = behind.get(HISTORIES) ?? behind.values().next().value
    if (next === undefined) return false
    if (this.#reported !== next.name) this.#report(next, 'started')
    const isReady = this.#rebuild(next)
    if (isReady) this.#report(next, 'ready')
    return true
  }

  /** Makes one part of a model. @returns whether it was the last part */
  #rebuild({ name, cursor }: ModelCursor): boolean {
    const records = this.#outputs.read(cursor, PART_OUTPUTS)
    const isLast = records.length < PART_OUTPUTS
    const outputs = records.map(({ output }) => JSON.parse(output) as Output)
    const changes = outputs.map((output, i): Change => {
      const at = cursor + 1 + i
      return name === HISTORIES ? this.#histories.add(output, at) : this.#histories.changeAt(output, at)
    })
    this.#appliers.get(name)?.(changes)
    this.#putCursor.run(isLast ? null : (records.at(-1)?.cursor ?? cursor), name)
    return isLast
  }

  #report({ name, version }: ModelCursor, state: Rebuild['state']): void {
    this.#reported = name
    this.#onRebuild?.({ model: name, version, state })
  }

  /** The models that are behind. They are read from the table each time until none is left, since a transaction that changed the cursors may have been rolled back. */
  #behind(): ReadonlyMap<string, ModelCursor> {
    if (this.#hasCaughtUp) return NO_MODELS
    const rows = this.#cursors.all() as unknown as ModelCursor[]
    this.#hasCaughtUp = rows.length === 0
    return new Map(rows.map((row) => [row.name, row]))
  }
}

/** A model that is behind, with the cursor up to which it has been made. */
interface ModelCursor {
  readonly name: string
  readonly version: number
  readonly cursor: number
}
const NO_MODELS: ReadonlyMap<string, ModelCursor> = new Map()
