import type { Registry } from 'prom-client'
import { formatInstant, type Instant } from '#contracts'
import type { Clock } from '#runtime'
import type { Logger } from '../messages/logger.ts'
import { valuesGauge } from './app-metrics.ts'

/** Why log time does not move: few values, since each is a label of a metric. */
type StallReason =
  | 'topic-missing'
  | 'topic-changed'
  | 'right-missing'
  | 'records-deleted'
  | 'records-lost'
  | 'log-unavailable'
  | 'behind'
  | 'import'
  | 'writer-silent'
  | 'writer-holds'
  | 'no-writer'
  | 'no-tick'

/** Why the log time of a partition stands still. */
export interface StallCause {
  readonly reason: StallReason
  /** A clause that follows "because". */
  readonly text: string
}

/** When log time counts as standing still, and who knows why. */
export interface StallsOptions {
  /** The cycle that is folded, if the process has others too; then messages name it. */
  readonly cycle?: string | undefined
  readonly clock: Clock
  /** How long log time may stand still: longer than the time between two ticks of an idle log. */
  readonly stallMs: number
  readonly causeOf: (partition: number) => StallCause
}

/** A partition whose log time has stood still for too long. */
interface Stall extends StallCause {
  readonly cycle: string | undefined
  readonly partition: number
  readonly since: Instant
  readonly ms: number
}

/** When the log time of each partition last moved. A partition that never had a log time does not count as standing still. */
export class Stalls {
  readonly #options: StallsOptions
  #stallMs: number
  readonly #lastMoves = new Map<number, { logTime: Instant; at: Instant }>()
  readonly #reported = new Map<number, Instant>()

  constructor(options: StallsOptions) {
    this.#options = options
    this.#stallMs = options.stallMs
  }

  /** To be called with the log time of a partition whenever it is known; only a later one counts as a movement. */
  recordLogTime(partition: number, logTime: Instant): void {
    const before = this.#lastMoves.get(partition)
    if (before === undefined || logTime > before.logTime) this.#lastMoves.set(partition, { logTime, at: this.#options.clock.now() })
  }

  /** Changes how long log time may stand still. */
  limit(stallMs: number): void {
    this.#stallMs = stallMs
  }

  /** The partition is folded by another process from now on. */
  forget(partition: number): void {
    this.#lastMoves.delete(partition)
    this.#reported.delete(partition)
  }

  /** The partitions whose log time was recorded. */
  get partitions(): Iterable<number> {
    return this.#lastMoves.keys()
  }

  get current(): Stall[] {
    const { cycle, clock, causeOf } = this.#options
    const now = clock.now()
    return [...this.#lastMoves].flatMap(([partition, { logTime, at }]) => {
      if (now - at <= this.#stallMs || !Number.isFinite(logTime)) return []
      return [{ cycle, partition, since: at, ms: now - at, ...causeOf(partition) }]
    })
  }

  /** The sentence for a probe; undefined if log time moves in every partition. */
  get unreadyReason(): string | undefined {
    const [first, ...others] = this.current.sort((a, b) => a.since - b.since)
    if (first === undefined) return undefined
    const more = others.length === 0 ? '' : ` So do ${others.length} other partitions.`
    return `${sentenceOf(first)}${more}`
  }

  /** Logs the partitions whose log time stands still, and those where it moves again, since the last call. */
  log(logger: Pick<Logger, 'info' | 'warn'>): void {
    const stalls = new Map(this.current.map((stall) => [stall.partition, stall]))
    for (const stall of stalls.values()) {
      const { cycle, partition, reason, since, ms } = stall
      if (this.#reported.get(partition) === since) continue
      this.#reported.set(partition, since)
      logger.warn(sentenceOf(stall), { ...(cycle !== undefined && { cycle }), partition, reason, stalledSeconds: Math.round(ms / 1000) })
    }
    for (const [partition, since] of this.#reported) {
      if (stalls.has(partition)) continue
      this.#reported.delete(partition)
      const seconds = Math.round(((this.#lastMoves.get(partition)?.at ?? since) - since) / 1000)
      logger.info(`Log time of ${partitionText(partition, this.#options.cycle)} moves again, after ${seconds} s.`)
    }
  }
}

/** The stalls of the partitions of a cycle. */
export interface CycleStalls {
  readonly cycle: string
  readonly stalls: Stalls
}

/** `rondo_stalled_seconds`: 0 with the reason `none` while log time moves. */
export function stallGauge(registry: Registry, cycles: readonly CycleStalls[]): void {
  valuesGauge(registry, {
    name: 'rondo_stalled_seconds',
    help: 'For how long the log time of a partition has not moved, beyond RONDO_STALL, and why; 0 with the reason none where it moves',
    labelNames: ['cycle', 'partition', 'reason'],
    *values() {
      for (const { cycle, stalls } of cycles) {
        const stalled = new Map(stalls.current.map((stall) => [stall.partition, stall]))
        for (const partition of stalls.partitions) {
          const { reason = 'none', ms = 0 } = stalled.get(partition) ?? {}
          yield [{ cycle, partition, reason }, ms / 1000]
        }
      }
    },
  })
}

function partitionText(partition: number, cycle: string | undefined): string {
  return cycle === undefined ? `partition ${partition}` : `partition ${partition} of the cycle ${cycle}`
}

function sentenceOf({ cycle, partition, since, ms, text }: Stall): string {
  return `Log time of ${partitionText(partition, cycle)} has not moved since ${formatInstant(since)} (for ${Math.round(ms / 1000)} s), because ${text}.`
}
