import type { Instant } from '#contracts'
import type { FoldTimes } from '#event-log'

/** The time between ticks if nothing is written and nothing is due: what readers see is never older. */
const IDLE_TICK_MS = 15_000
/** If the fold is further behind than this, its deadlines that are due are unknown. */
const BEHIND_MS_MAX = 3 * IDLE_TICK_MS

/**
 * When a partition needs a tick (rule 2: each second, or less often if nothing can be due). Only the fold knows what is due, and reports it
 * with each position that it commits; if it is not known, there is a tick at each beat.
 */
export class TickPace {
  #tickedAt: Instant = Number.NEGATIVE_INFINITY

  /** @param hasNews whether this process has written anything else since its last tick */
  isDue(time: Instant, hasNews: boolean, folded: FoldTimes | undefined): boolean {
    if (hasNews || folded === undefined || time - this.#tickedAt >= IDLE_TICK_MS) return true
    return folded.dueAt < time || folded.logTime < time - BEHIND_MS_MAX
  }

  ticked(time: Instant): void {
    this.#tickedAt = time
  }
}
