import { RondoError } from '#contracts'
import type { Backfill, DataFolder, OwnedPartition } from '#event-log'
import type { LiveDefinition, PreparedCycle } from '#process'
import { addCycleState, cycleLogReader } from '#projections'
import type { ProcessorModule } from '../../processor/src/processor.module.ts'
import { folderSources, type ServingModule } from '../../serving/src/serving.module.ts'
import type { FolderProbes } from './folder-probes.ts'

/** The parts of a running process that a cycle is added to. */
export interface CycleAdditionOptions {
  readonly folder: DataFolder
  /** The folder of the archive, if it is not where it was when the log was trimmed. */
  readonly archive: string | undefined
  readonly processor: Pick<ProcessorModule, 'add'>
  readonly serving: Pick<ServingModule, 'add' | 'historyOf'>
  readonly probes: Pick<FolderProbes, 'add'>
  readonly backfill: Pick<Backfill, 'coverGrace'>
  /** Called when the cycle is about to be folded. */
  readonly onAdded: (definition: LiveDefinition) => void
}

/**
 * Prepares a cycle that a reload adds: its state is made beside those of the others, and the log is read from its beginning once. Applied, it is folded over the
 * stored log and shown. If the process is killed in between, the next start finds an empty state, which is folded from the beginning.
 * @throws RondoError RONDO_DATA_*; RONDO_LOG_INCOMPLETE if neither the log nor an archive has the beginning
 */
export async function prepareCycle(live: LiveDefinition, options: CycleAdditionOptions): Promise<PreparedCycle> {
  const { folder, archive, processor, serving, probes, backfill, onAdded } = options
  const { cycle, definition, text, file } = live
  const state = addCycleState(folder, cycle)
  try {
    await checkBeginning(folder.path, state.stateFile, archive)
  } catch (failure) {
    state.discard()
    throw failure
  }
  const sources = folderSources(folder, state)
  return {
    apply() {
      backfill.coverGrace(cycle.graceMs)
      probes.add(cycle.cycle)
      onAdded(live)
      processor.add({ cycle: cycle.cycle, definition: text, file, stateFile: state.stateFile }, cycle)
      serving.add({ definition, sources, history: serving.historyOf(definition, state) })
    },
    async discard() {
      await sources.close()
      state.discard()
    },
  }
}

/** Reads one record at the place from which the cycle will be folded, as its fold will. */
async function checkBeginning(folder: string, stateFile: string, archive: string | undefined): Promise<void> {
  const openArchive = async (path: string, log: Readonly<Record<string, string>>) => {
    const { FolderArchive } = await import('#archive')
    return new FolderArchive(archive ?? path, log)
  }
  const reader = cycleLogReader(folder, { stateFile, openArchive })
  try {
    const { promise, resolve } = Promise.withResolvers<OwnedPartition>()
    await reader.own({ assigned: resolve, revoked() {} })
    const owned = await promise
    // A state that the cycle had before is continued: what its restore needs has been kept.
    if ((await owned.committed()) === undefined) await owned.read(0, { bytesMax: 1, waitMs: 0 })
  } catch (failure) {
    if (!(failure instanceof RondoError)) throw failure
    throw new RondoError(failure.code, `The cycle cannot be folded from the beginning of the log: ${failure.message}`, { cause: failure })
  } finally {
    await reader.close()
  }
}
