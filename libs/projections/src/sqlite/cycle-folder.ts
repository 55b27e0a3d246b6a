import { type CompiledCycle, identityOf } from '#cycle'
import { type DataFolder, openDataFolder, SqliteLogReader } from '#event-log'
import { stageProjection } from './stage-projection.ts'

/** The embedded Rondo has one partition: one thread folds all it can take in. */
const PARTITIONS = 1

/**
 * Opens the data folder of one cycle, with the read models among its tables. Standalone and the command use the same one.
 * @throws RondoError RONDO_DATA_*, as {@link openDataFolder}; _MISMATCH where the folder was made with another definition
 */
export function openCycleFolder(path: string, cycle: CompiledCycle): DataFolder {
  return openDataFolder({ path, partitions: PARTITIONS, identity: identityOf(cycle), extension: stageProjection })
}

/** What the thread that folds reads and commits through; the process has opened the folder. */
export function cycleLogReader(path: string): SqliteLogReader {
  return new SqliteLogReader(path, PARTITIONS, stageProjection)
}
