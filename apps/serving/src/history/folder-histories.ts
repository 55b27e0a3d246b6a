import { join } from 'node:path'
import type { CycleDefinition } from '#contracts'
import { compileCycle } from '#cycle'
import type { DataFolder, FolderState } from '#event-log'
import { CycleHistory } from '#history'
import type { Logger } from '#process'
import { folderHistory } from './folder-history.ts'
import { HistoryWatch } from './history-watch.ts'

/** How the histories of a data folder are kept. */
export interface FolderHistoryOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>
  /** The folder of the archive, if it is not where it was when the log was trimmed. */
  readonly archive?: string | undefined
}

/** A data folder folds its log once: another definition is folded in another folder, or into a state that was deleted. */
const GENERATION = 1

/** The histories of the cycles of a data folder, each in a file beside the state. */
export class FolderHistories {
  readonly watch: HistoryWatch
  readonly #path: string
  readonly #archive: string | undefined

  constructor({ path }: Pick<DataFolder, 'path'>, { logger, archive }: FolderHistoryOptions) {
    this.watch = new HistoryWatch(logger)
    this.#path = path
    this.#archive = archive
  }

  /** The history of a cycle, which is to be started. */
  of(definition: CycleDefinition, state: Pick<FolderState, 'stateReader'>): CycleHistory {
    const cycle = compileCycle(definition)
    return new CycleHistory({
      cycle,
      generation: GENERATION,
      path: join(this.#path, `history-${cycle.cycle}.duckdb`),
      source: () => folderHistory({ path: this.#path }, state, this.#archive),
      report: this.watch.reportOf(cycle.cycle),
    })
  }
}
