import { Gauge, type Registry } from 'prom-client'
import { ageGauge } from '#process'
import type { GenerationHandover } from '#projections'
import { systemClock } from '#runtime'

/** A cycle, and what brings its read models up to the feed. */
interface HandedOver {
  readonly cycle: string
  readonly handover: Pick<GenerationHandover, 'logTimes' | 'positions'>
}

/** Gauges of how far the read models in Redis are behind, for each cycle and partition. */
export function handoverGauges(registry: Registry, cycles: readonly HandedOver[]): void {
  const labelNames = ['cycle', 'partition']
  ageGauge(registry, {
    name: 'rondo_read_models_age_seconds',
    help: 'How far the read models are behind: time since the log time of the last batch that was applied to them',
    labelNames,
    clock: systemClock,
    instants: () => cycles.flatMap(({ cycle, handover }) => handover.logTimes.map((at, partition) => [{ cycle, partition }, at] as const)),
  })
  const lag = new Gauge({
    name: 'rondo_read_models_lag_seconds',
    help: 'How far the read models in Redis are behind the fold: the log time that the processors have committed less that of the read models',
    labelNames,
    registers: [registry],
    collect() {
      for (const { cycle, handover } of cycles) {
        for (const [partition, applied] of handover.logTimes.entries()) {
          const committed = handover.positions[partition]?.logTime ?? Number.NEGATIVE_INFINITY
          const isKnown = Number.isFinite(committed) && Number.isFinite(applied)
          lag.set({ cycle, partition }, isKnown ? Math.max(0, committed - applied) / 1000 : 0)
        }
      }
    },
  })
}
