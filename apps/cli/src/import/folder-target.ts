import { formatInstant, type QuarantineRecord, senderTypeOf } from '#contracts'
import { type CompiledCycle, compileCycle } from '#cycle'
import { ActivityLog, Backfill } from '#event-log'
import { openCycleFolder } from '#projections'
import type { Clock } from '#runtime'
import type { Part } from './history.ts'
import type { CycleDefinitions } from './import-plan.ts'
import type { ImportTarget } from './import-target.ts'

/**
 * The data folder of a stopped Rondo, locked until it is closed. The rows are folded when Rondo starts on it.
 * @throws RondoError RONDO_DATA_LOCKED if a Rondo runs on the folder; other RONDO_DATA_* if the folder cannot be used
 */
export function folderTarget(path: string, definitions: CycleDefinitions, clock: Clock): ImportTarget {
  const cycles = definitions.map(compileCycle)
  const [first, ...others] = cycles as [CompiledCycle, ...CompiledCycle[]]
  const folder = openCycleFolder(path, first, ...others)
  const log = new ActivityLog(folder.writer)
  // History that would be late for one of the cycles is refused.
  const backfill = new Backfill({ log, clock, graceMs: Math.min(...cycles.map(({ graceMs }) => graceMs)) })
  return {
    name: path,
    endsWhenIdle: false,
    canResume: true,
    actorType: senderTypeOf(definitions[0]),
    cycles,
    begin: (request) => backfill.begin(request),
    async put(id, { first, items }: Part) {
      const refusedAt = formatInstant(clock.now())
      const rows = items.map((item) => ('event' in item ? item.event : null))
      const quarantine: QuarantineRecord[] = items.flatMap((item) => ('refused' in item ? [{ ...item.refused, refusedAt }] : []))
      await backfill.put(id, { first, rows, quarantine })
      return []
    },
    async end(id) {
      await backfill.end(id)
      // The import may have begun over HTTP, in a process that has held live events until its end.
      await log.release()
    },
    // Nothing folds the rows before Rondo starts on the folder.
    foldedAt: async () => undefined,
    async close() {
      backfill.close()
      await folder.close()
    },
  }
}
