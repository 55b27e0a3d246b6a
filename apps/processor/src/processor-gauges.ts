import type { Registry } from 'prom-client'
import { defectGauge, type LogPoller, type Readiness, readyGauge, stallGauge } from '#process'
import type { CycleFold } from './cycle-folds.ts'
import { lagGauge } from './lag-gauge.ts'

/** The parts of a processor whose state is measured. */
interface Measured {
  readonly cycles: readonly CycleFold[]
  readonly poller: LogPoller
  readonly readiness: Readiness
}

/** Gauges of what a processor is doing, beside the metrics of its folds. */
export function processorGauges(registry: Registry, { cycles, poller, readiness }: Measured): void {
  stallGauge(registry, cycles)
  lagGauge(registry, { cycles, poller })
  defectGauge(registry, poller)
  readyGauge(registry, readiness)
}
