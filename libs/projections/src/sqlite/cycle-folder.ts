import { type CompiledCycle, identityOf } from '#cycle'
import { type AddedState, type DataFolder, joinDataFolder, type LogReader, type OpenArchive, openDataFolder } from '#event-log'
import type { Rebuild } from '../models/read-model.ts'
import { stateProjection } from './state-projection.ts'

/** A data folder has one partition: one thread can fold as many events as one process can accept. */
const PARTITIONS = 1

/**
 * Opens the data folder of one or several cycles, each with the read models among the tables of its state file, for standalone and for the commands.
 * @throws RondoError RONDO_DATA_*, as {@link openDataFolder}; RONDO_DATA_MISMATCH if a state was made with another definition
 */
export function openCycleFolder(path: string, first: CompiledCycle, ...others: readonly CompiledCycle[]): DataFolder {
  return openDataFolder({ path, partitions: PARTITIONS, ...stateOptionsOf(first), others: others.map(stateOptionsOf) })
}

const stateOptionsOf = (cycle: CompiledCycle) => ({ identity: identityOf(cycle), readModelTables: stateProjection() })

/**
 * Makes the state of a cycle that is added to an open folder.
 * @throws RondoError RONDO_DATA_*; RONDO_DATA_MISMATCH if the folder has a state of this cycle with other rules
 */
export const addCycleState = (folder: Pick<DataFolder, 'addState'>, cycle: CompiledCycle): AddedState => folder.addState(stateOptionsOf(cycle))

/** The options of {@link cycleLogReader}. */
export interface CycleReading {
  /** The name of its state file; that of the only cycle unless set. */
  readonly stateFile?: string
  /** Called for each read model that has to be rebuilt, and when it is complete. */
  readonly onRebuild?: (rebuild: Rebuild) => void
  /** Opens the archive that has the frames which log.db no longer has. */
  readonly openArchive?: OpenArchive
  /** Whether frames are read with their traces. */
  readonly hasTraces?: boolean
}

/** The access of the folding thread to the state of one cycle in a data folder that its process has already opened. */
export function cycleLogReader(path: string, { onRebuild, ...reading }: CycleReading = {}): LogReader {
  return joinDataFolder({ path, partitions: PARTITIONS, ...reading, readModelTables: stateProjection(onRebuild === undefined ? {} : { onRebuild }) })
}
