import { Counter, Gauge, type Registry } from 'prom-client'
import type { Instant } from '#contracts'
import type { Clock } from '#runtime'
import { ageGauge } from '../../chassis/src/metrics.module.ts'

/** What a run says of its partition. */
interface Progress {
  readonly logTime: Instant
  readonly actors: number
  readonly outputs?: number
}

/** What the folds of a process do, for Prometheus. */
export class FoldMetrics {
  readonly #outputs: Counter<'partition'>
  readonly #actors: Gauge<'partition'>
  readonly #logTimes = new Map<number, Instant>()

  constructor(registry: Registry, clock: Clock) {
    const labelNames = ['partition'] as const
    const registers = [registry]
    this.#outputs = new Counter({ name: 'rondo_outputs_total', help: 'Transitions, notices and retractions published', labelNames, registers })
    this.#actors = new Gauge({ name: 'rondo_actors', help: 'Actors in memory', labelNames, registers })
    const help = 'How far the fold is behind: time since the log time that it has committed. Some seconds are usual, for ticks come once a second'
    ageGauge(registry, { name: 'rondo_log_time_age_seconds', help, clock, instants: () => this.#logTimes })
  }

  take(partition: number, { logTime, actors, outputs = 0 }: Progress): void {
    this.#logTimes.set(partition, logTime)
    this.#actors.set({ partition }, actors)
    this.#outputs.inc({ partition }, outputs)
  }

  /** The partition is folded elsewhere from now on. */
  drop(partition: number): void {
    this.#logTimes.delete(partition)
    this.#actors.remove({ partition })
  }
}
