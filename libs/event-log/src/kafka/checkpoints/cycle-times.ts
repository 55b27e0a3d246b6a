import type { FoldTimes } from './committed-position.ts'
import type { GroupPositions } from './group-positions.ts'

/** How far all cycles together have folded the log, for those who write it: nothing is older than the fold that is behind all others. */
export class CycleTimes {
  readonly #groups: readonly Pick<GroupPositions, 'foldTimes' | 'close'>[]

  /** @param groups the positions of each cycle */
  constructor(groups: readonly Pick<GroupPositions, 'foldTimes' | 'close'>[]) {
    this.#groups = groups
  }

  /**
   * For each partition the least log time, the earliest time at which anything is due, and the longest grace, within which an event is late for no
   * cycle; undefined where a cycle has folded nothing yet.
   * @throws RondoError RONDO_LOG_UNAVAILABLE (retriable)
   */
  async foldTimes(): Promise<(FoldTimes | undefined)[]> {
    const [first = [], ...others] = await Promise.all(this.#groups.map((group) => group.foldTimes()))
    return others.reduce((all, times) => all.map((one, partition) => together(one, times[partition])), first)
  }

  async close(): Promise<void> {
    await Promise.all(this.#groups.map((group) => group.close()))
  }
}

function together(a: FoldTimes | undefined, b: FoldTimes | undefined): FoldTimes | undefined {
  if (a === undefined || b === undefined) return undefined
  const graceMs = a.graceMs === undefined || b.graceMs === undefined ? undefined : Math.max(a.graceMs, b.graceMs)
  return { logTime: Math.min(a.logTime, b.logTime), dueAt: Math.min(a.dueAt, b.dueAt), ...(graceMs !== undefined && { graceMs }) }
}
