import type { Registry } from 'prom-client'
import { appMetrics, defectGauge, type LogPoller, type Readiness, readyGauge, rebuildGauge, redisMetrics, stallGauge } from '#process'
import { readModelNames } from '#projections'
import type { CycleServing } from './cycle-serving.ts'
import { handoverGauges } from './handover-gauges.ts'

/** The parts of a serving process whose state is measured. */
interface Measured {
  readonly cycles: readonly CycleServing[]
  readonly poller: LogPoller
  readonly readiness: Readiness
}

/** The metrics of a serving process on Kafka and Redis. */
export function servingMetrics({ cycles, poller, readiness }: Measured): Registry {
  const registry = appMetrics('serving')
  redisMetrics(registry)
  const rebuilding = cycles.map(({ cycle, rebuilds }) => ({ cycle, models: readModelNames, rebuilds }))
  rebuildGauge(registry, rebuilding)
  handoverGauges(registry, cycles)
  stallGauge(registry, cycles)
  defectGauge(registry, poller)
  readyGauge(registry, readiness)
  return registry
}
