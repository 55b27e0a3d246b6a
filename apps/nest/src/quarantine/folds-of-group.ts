import { type CycleTimes, partitionOf } from '#event-log'
import type { TrialSetting } from '#quarantine'

/** How far the processors of a group are, for the partition of any actor; undefined where none has folded anything yet. */
export function foldsOfGroup(group: Pick<CycleTimes, 'foldTimes'>, partitions: number): TrialSetting['folds'] {
  return async () => {
    const folded = await group.foldTimes()
    return (actorId) => {
      const { logTime, graceMs } = folded[partitionOf(actorId, partitions)] ?? {}
      return logTime === undefined || graceMs === undefined ? undefined : { logTime, graceMs }
    }
  }
}
