import { type CompiledCycle, identityOf } from '#cycle'
import { type DataFolder, joinDataFolder, type LogReader, type OpenArchive, openDataFolder } from '#event-log'
import type { Rebuild } from '../models/read-model.ts'
import { stateProjection } from './state-projection.ts'

/** A data folder has one partition: one thread can fold as many events as one process can accept. */
const PARTITIONS = 1

/**
 * Opens the data folder of one cycle, with the read models among its tables, for standalone and for the commands.
 * @throws RondoError RONDO_DATA_*, as {@link openDataFolder}; RONDO_DATA_MISMATCH if the folder was made with another definition
 */
export function openCycleFolder(path: string, cycle: CompiledCycle): DataFolder {
  return openDataFolder({ path, partitions: PARTITIONS, identity: identityOf(cycle), readModelTables: stateProjection() })
}

/**
 * The access of the folding thread to a data folder that its process has already opened.
 * @param onRebuild called for each read model that has to be rebuilt, and when it is complete
 * @param openArchive opens the archive that has the frames which log.db no longer has
 */
export function cycleLogReader(path: string, onRebuild?: (rebuild: Rebuild) => void, openArchive?: OpenArchive): LogReader {
  const readModelTables = stateProjection(onRebuild === undefined ? {} : { onRebuild })
  return joinDataFolder({ path, partitions: PARTITIONS, readModelTables, openArchive })
}
