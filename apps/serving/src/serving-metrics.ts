import type { Registry } from 'prom-client'
import { appMetrics, defectGauge, type LogPoller, type Readiness, readyGauge, rebuildGauge, redisMetrics, type Stalls, stallGauge } from '#process'
import { type GenerationHandover, type Rebuilds, readModelNames } from '#projections'
import { handoverGauges } from './handover-gauges.ts'

/** The parts of a serving process whose state is measured. */
interface Measured {
  readonly cycle: string
  readonly rebuilds: Rebuilds
  readonly handover: GenerationHandover
  readonly stalls: Stalls
  readonly poller: LogPoller
  readonly readiness: Readiness
}

/** The metrics of a serving process on Kafka and Redis. */
export function servingMetrics({ cycle, rebuilds, handover, stalls, poller, readiness }: Measured): Registry {
  const registry = appMetrics('serving')
  redisMetrics(registry)
  rebuildGauge(registry, [{ cycle, models: readModelNames, rebuilds }])
  handoverGauges(registry, { cycle, handover })
  stallGauge(registry, [{ cycle, stalls }])
  defectGauge(registry, poller)
  readyGauge(registry, readiness)
  return registry
}
