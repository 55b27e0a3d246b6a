import type { AppName } from '../../scripts/local/app-process.ts'
import type { Trial } from './trial.ts'

/** Something that goes wrong in a running cluster. */
export interface Fault {
  readonly name: string
  /** How many processes of an app stand at the beginning, where it is not one of ingest, two processors and one of serving. */
  readonly counts?: Readonly<Partial<Record<AppName, number>>>
  /** Without the usual load: the fault sends what it needs. */
  readonly isQuiet?: boolean
  /** The log is no longer whole: what is to be seen is that the product refuses to go on, and the fault itself looks. */
  readonly isFinal?: boolean
  run(trial: Trial): Promise<void>
}
