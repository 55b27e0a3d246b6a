import type { Output } from '#contracts'
import type { CommitBatch, StateExtension, StateTables, StateWriter, StoredOutputs } from '#event-log'
import type { Change } from '../change.ts'
import { HISTORIES, HISTORIES_VERSION, readModels } from '../models/projection.ts'
import type { ReadModel, Rebuild } from '../models/read-model.ts'
import { ActorHistories } from './actor-histories.ts'
import { prepareModels } from './model-versions.ts'

/** How many outputs of a rebuild are applied at once; the fold waits for no more than these. */
const PART_OUTPUTS = 500

export interface StateProjectionOptions {
  readonly models?: readonly ReadModel[]
  readonly historiesVersion?: number
  /** A model is being rebuilt, or is complete. */
  readonly onRebuild?: (rebuild: Rebuild) => void
}

/**
 * The read models as tables of state.db: kept in the very transaction that publishes the outputs. One whose version has changed is rebuilt
 * from the stored feed, part by part between the batches, each part in one transaction with the cursor that it leads to, so that a rebuild that
 * was interrupted goes on there.
 */
export function stateProjection({ models = readModels, historiesVersion = HISTORIES_VERSION, onRebuild }: StateProjectionOptions = {}): StateExtension {
  return {
    open: (tables) => prepareModels(tables, models, historiesVersion),
    prepare: (tables, outputs) => new ProjectionWriter(tables, outputs, { models, onRebuild }),
  }
}

interface Writing {
  readonly models: readonly ReadModel[]
  readonly onRebuild: ((rebuild: Rebuild) => void) | undefined
}

class ProjectionWriter implements StateWriter {
  readonly #outputs: StoredOutputs
  readonly #histories: ActorHistories
  readonly #appliers: ReadonlyMap<string, (changes: readonly Change[]) => void>
  readonly #cursors
  readonly #putCursor
  readonly #onRebuild: Writing['onRebuild']
  /** The model that was last reported as started. */
  #reported: string | undefined
  #hasCaughtUp = false

  constructor(tables: StateTables, outputs: StoredOutputs, { models, onRebuild }: Writing) {
    this.#outputs = outputs
    this.#onRebuild = onRebuild
    this.#histories = new ActorHistories(tables, outputs)
    this.#appliers = new Map(models.map(({ name, sqlite }) => [name, sqlite.prepare?.(tables) ?? (() => {})]))
    this.#cursors = tables.prepare('SELECT name, version, "cursor" FROM read_models WHERE "cursor" IS NOT NULL')
    this.#putCursor = tables.prepare('UPDATE read_models SET "cursor" = ? WHERE name = ?')
  }

  apply(partition: number, batch: CommitBatch, firstCursor: number): void {
    const behind = this.#behind()
    if (!behind.has(HISTORIES)) {
      const changes = batch.outputs.map((output, i) => this.#histories.add(output, firstCursor + i))
      const upToDate = [...this.#appliers].filter(([name]) => !behind.has(name))
      for (const [, apply] of upToDate) apply(changes)
    }
    this.#histories.note(partition, batch.logTime)
  }

  /** The histories come first: the others are made from them. */
  catchUp(): boolean {
    const behind = this.#behind()
    const next = behind.get(HISTORIES) ?? behind.values().next().value
    if (next === undefined) return false
    if (this.#reported !== next.name) this.#report(next, 'started')
    const isReady = this.#rebuild(next)
    if (isReady) this.#report(next, 'ready')
    return true
  }

  /** Makes one part. @returns whether it was the last one */
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

  /** Read again each time until there is none: what a transaction has changed may have been rolled back. */
  #behind(): ReadonlyMap<string, ModelCursor> {
    if (this.#hasCaughtUp) return NONE
    const rows = this.#cursors.all() as unknown as ModelCursor[]
    this.#hasCaughtUp = rows.length === 0
    return new Map(rows.map((row) => [row.name, row]))
  }
}

interface ModelCursor {
  readonly name: string
  readonly version: number
  readonly cursor: number
}
const NONE: ReadonlyMap<string, ModelCursor> = new Map()
