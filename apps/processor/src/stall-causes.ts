import { formatInstant, type Instant } from '#contracts'
import type { TimeHolder } from '#cycle'
import type { LiveWriter, WriterRegistry } from '#event-log'
import type { LogPoller, StallCause } from '#process'
import type { Clock } from '#runtime'
import type { Folds } from './folds.ts'

/** A writer with a heartbeat within this time is live; a heartbeat comes each second, and the registry is read every few seconds. */
const ALIVE_MS = 15_000

/** Where the cause of a stall is searched. */
export interface StallCausesOptions {
  /** Defects of the topics of other cycles are no cause. */
  readonly cycle?: string
  readonly folds: Pick<Folds, 'status'>
  readonly poller: Pick<LogPoller, 'defectOf' | 'activityEnd'>
  readonly registry: Pick<WriterRegistry, 'read'>
  readonly clock: Clock
}

/** Finds out why the log time of a partition does not move. */
export class StallCauses {
  readonly #options: StallCausesOptions
  #writers: readonly LiveWriter[] = []

  constructor(options: StallCausesOptions) {
    this.#options = options
  }

  /** Reads the registry of writers. @throws RondoError RONDO_LOG_UNAVAILABLE */
  async poll(): Promise<void> {
    this.#writers = (await this.#options.registry.read()).live
  }

  causeOf(partition: number): StallCause {
    const { folds, poller } = this.#options
    const { offset, heldBy, failure } = folds.status(partition)
    const defect = poller.defectOf(partition, this.#options.cycle)
    if (defect !== undefined) return { reason: defect.reason, text: `of this: ${defect.text.replace(/\.$/, '')}` }
    if (failure !== undefined) return { reason: 'log-unavailable', text: `nothing can be published: ${failure.message.replace(/\.$/, '')} (${failure.code})` }
    const end = poller.activityEnd(partition)
    if (end > offset + 1) return { reason: 'behind', text: `the fold is behind: offset ${offset} of ${end - 1}` }
    if (heldBy === undefined) return { reason: 'no-writer', text: 'no writer is open in it: start an ingest process' }
    if (heldBy.isBackfill) return { reason: 'import', text: 'a history is being imported' }
    return this.#causeIn(heldBy)
  }

  #causeIn({ writer, tick }: TimeHolder): StallCause {
    const last = `whose last tick is ${timeText(tick)}`
    const found = this.#writers.find((live) => live.writer === writer)
    if (found === undefined) {
      const advice = 'so that no ingest process closes it; rondo repartition does (docs/guides/operate.md, A lost position)'
      return { reason: 'writer-silent', text: `it is held by the writer ${writer}, ${last}, and which is not in the registry of writers, ${advice}` }
    }
    const { name, seenAt, timeoutMs } = found
    if (this.#options.clock.now() - seenAt < ALIVE_MS) {
      return {
        reason: 'writer-holds',
        text: `it is held by ${name}, ${last}: it runs, and waits for late clients or holds events that the log does not take; see its alarms`,
      }
    }
    const close = `a running ingest process closes it after ${Math.round(timeoutMs / 1000)} s of silence`
    return { reason: 'writer-silent', text: `it is held by ${name}, ${last}, and which has been silent since ${timeText(seenAt)}; ${close}` }
  }
}

function timeText(at: Instant): string {
  return Number.isFinite(at) ? formatInstant(at) : 'none yet'
}
