import { setTimeout as sleep } from 'node:timers/promises'
import { Gauge, type Registry } from 'prom-client'
import type { Instant, RondoError } from '#contracts'
import type { LogBeginning, RetentionWatch } from '#event-log'
import type { Clock } from '#runtime'

const LOOK_MS = 60_000
/** The share of the retention after which an alarm names what is about to be lost. */
const NEAR = 0.75
const HOUR_MS = 3_600_000
const LOST = 'a repartition, another definition and a release that folds to other outcomes need the log from its beginning'

export interface PastWatchOptions {
  readonly retentionMs: number
  readonly watch: Pick<RetentionWatch, 'look' | 'close'>
  readonly clock: Clock
  readonly registry: Registry
  readonly onAlarm: (text: string) => void
}

/** Says what a log that does not keep its records for ever is about to lose, while it can still be helped, and what it has lost. */
export class PastWatch {
  readonly #options: PastWatchOptions
  readonly #end = new AbortController()
  #beginnings: readonly LogBeginning[] = []
  #done: Promise<void> = Promise.resolve()

  constructor(options: PastWatchOptions) {
    this.#options = options
    const gauge = new Gauge({
      name: 'rondo_activity_oldest_age_seconds',
      help: 'Age of the oldest record that activity still has; near RONDO_ACTIVITY_RETENTION it is about to be deleted',
      labelNames: ['partition'],
      registers: [options.registry],
      collect: () => {
        gauge.reset()
        for (const { partition, appendedAt } of this.#beginnings) if (appendedAt !== undefined) gauge.set({ partition }, this.#ageOf(appendedAt) / 1000)
      },
    })
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#done
    await this.#options.watch.close()
  }

  /** One look. */
  async look(): Promise<void> {
    const { watch, onAlarm } = this.#options
    try {
      this.#beginnings = await watch.look()
    } catch (failure) {
      return onAlarm((failure as RondoError).message)
    }
    for (const beginning of this.#beginnings) {
      const text = this.#sentence(beginning)
      if (text !== undefined) onAlarm(text)
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      await this.look()
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
    }
  }

  #sentence({ partition, offset, appendedAt }: LogBeginning): string | undefined {
    const { retentionMs } = this.#options
    if (offset > 0) return `The log of partition ${partition} has lost its beginning to its retention: ${LOST}, and cannot be done with this one any more.`
    if (appendedAt === undefined || this.#ageOf(appendedAt) < NEAR * retentionMs) return undefined
    const hours = Math.max(0, Math.floor((retentionMs - this.#ageOf(appendedAt)) / HOUR_MS))
    return `The log of partition ${partition} loses its beginning to its retention in about ${hours} h: ${LOST}. Do it before, keep a copy (rondo repartition), or raise RONDO_ACTIVITY_RETENTION.`
  }

  #ageOf(appendedAt: Instant): number {
    return this.#options.clock.now() - appendedAt
  }
}
