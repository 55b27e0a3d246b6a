import type { AppName } from '../../scripts/local/app-process.ts'
import type { Trial } from './trial.ts'

/** A fault in a running cluster. */
export interface Fault {
  readonly name: string
  /** The number of processes of each app at the beginning. The default is one ingest process, two processors and one serving process. */
  readonly counts?: Readonly<Partial<Record<AppName, number>>>
  /** Whether the trial runs without the usual load. The fault then sends the events that it needs. */
  readonly isQuiet?: boolean
  /** Whether the trial ends without the verifier, because the log is no longer complete. The fault itself then checks the apps. */
  readonly isFinal?: boolean
  run(trial: Trial): Promise<void>
}
