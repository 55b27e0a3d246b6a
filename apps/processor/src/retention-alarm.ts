import type { Registry } from 'prom-client'
import type { Instant, RondoError } from '#contracts'
import type { KafkaLog, LogArchive, LogBeginning, RetentionWatch } from '#event-log'
import { valuesGauge } from '#process'
import { type Clock, poll } from '#runtime'

/** Retention is a matter of hours and days, so a minute more does not matter. */
const POLL_MS = 60_000
/** The share of the retention after which there is an alarm. */
const ALARM_SHARE = 0.75
const HOUR_MS = 3_600_000
const NEEDED_BY = 'a repartition, another cycle, another definition and a release that changes outcomes need the log from its beginning'

/** The retention that is watched, and who gets the alarm. */
export interface RetentionAlarmOptions {
  readonly retentionMs: number
  readonly watch: Pick<RetentionWatch, 'poll' | 'close'>
  /** The offset after the last archived record of a partition. */
  readonly archivedEnd: (partition: number) => Promise<number>
  readonly clock: Clock
  readonly registry: Registry
  readonly onAlarm: (text: string) => void
}

/** The log whose retention is watched, and its archive. */
type WatchedLog = Omit<RetentionAlarmOptions, 'retentionMs' | 'watch' | 'archivedEnd'> & {
  readonly log: Pick<KafkaLog, 'retention'>
  readonly archive: () => Promise<LogArchive | undefined>
}

/** The alarm for a retention; undefined if the log keeps its records for ever. */
export function retentionAlarmOf(retentionMs: number | undefined, { log, archive, ...options }: WatchedLog): RetentionAlarm | undefined {
  if (retentionMs === undefined) return undefined
  const archivedEnd = async (partition: number): Promise<number> => (await (await archive())?.end(partition)) ?? 0
  return new RetentionAlarm({ ...options, retentionMs, watch: log.retention(), archivedEnd })
}

/** Raises an alarm before the retention of `activity` deletes records that the archive does not have, and after it has deleted some. */
export class RetentionAlarm {
  readonly #options: RetentionAlarmOptions
  readonly #end = new AbortController()
  #beginnings: readonly LogBeginning[] = []
  #done: Promise<void> = Promise.resolve()

  constructor(options: RetentionAlarmOptions) {
    this.#options = options
    valuesGauge(options.registry, {
      name: 'rondo_activity_oldest_age_seconds',
      help: 'Age of the oldest record that activity still has; near RONDO_ACTIVITY_RETENTION it is about to be deleted',
      labelNames: ['partition'],
      values: () =>
        this.#beginnings.flatMap(({ partition, appendedAt }) => (appendedAt === undefined ? [] : [[{ partition }, this.#ageOf(appendedAt) / 1000] as const])),
    })
  }

  start(): void {
    this.#done = poll(() => this.poll(), { pauseMs: POLL_MS, signal: this.#end.signal })
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#done
    await this.#options.watch.close()
  }

  async poll(): Promise<void> {
    const { watch, onAlarm, archivedEnd } = this.#options
    try {
      this.#beginnings = await watch.poll()
      for (const beginning of this.#beginnings) {
        const text = this.#sentence(beginning, await archivedEnd(beginning.partition))
        if (text !== undefined) onAlarm(text)
      }
    } catch (failure) {
      onAlarm((failure as RondoError).message)
    }
  }

  #sentence({ partition, offset, appendedAt }: LogBeginning, archivedEnd: number): string | undefined {
    const { retentionMs } = this.#options
    if (offset > archivedEnd)
      return `The retention has deleted offsets ${archivedEnd} to ${offset - 1} of partition ${partition} before they were archived: ${NEEDED_BY}, and are no longer possible with this log.`
    if (archivedEnd > offset) return undefined
    if (appendedAt === undefined || this.#ageOf(appendedAt) < ALARM_SHARE * retentionMs) return undefined
    const hours = Math.max(0, Math.floor((retentionMs - this.#ageOf(appendedAt)) / HOUR_MS))
    return `The retention deletes the first records of partition ${partition} in about ${hours} h, and the archive does not have them: ${NEEDED_BY}. Run rondo archive write before, or raise RONDO_ACTIVITY_RETENTION.`
  }

  #ageOf(appendedAt: Instant): number {
    return this.#options.clock.now() - appendedAt
  }
}
