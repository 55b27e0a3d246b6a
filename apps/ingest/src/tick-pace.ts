import type { Instant } from '#contracts'
import type { FoldTimes } from '#event-log'

/** So often time passes where nothing happens and nothing is due: what readers are shown is never older. */
const IDLE_TICK_MS = 15_000
/** A fold that is so far behind says nothing of what is due by now. */
const BEHIND_MS_MAX = 3 * IDLE_TICK_MS

/**
 * When a partition needs a tick (rule 2: one comes each second, less often where nothing can be due). What is due, the fold knows
 * alone, and says so with each position that it commits; where that is not known, ticks come at each beat.
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
