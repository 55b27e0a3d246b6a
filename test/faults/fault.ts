import type { AppName } from '../../scripts/local/app-process.ts'
import type { Trial } from './trial.ts'

/** A fault in a running cluster. */
export interface Fault {
  readonly name: string
  /** The number of processes of each app at the beginning; by default one ingest process, two processors and one of serving. */
  readonly counts?: Readonly<Partial<Record<AppName, number>>>
  /** Without the usual load: the fault sends the events that it needs. */
  readonly isQuiet?: boolean
  /** The log is no longer complete: the product must refuse to continue, which the fault itself checks. */
  readonly isFinal?: boolean
  run(trial: Trial): Promise<void>
}
