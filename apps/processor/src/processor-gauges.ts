import type { Registry } from 'prom-client'
import { defectGauge, type LogPoller, type Readiness, readyGauge, type Stalls, stallGauge } from '#process'
import type { Folds } from './folds.ts'
import { lagGauge } from './lag-gauge.ts'

/** The parts of a processor whose state is measured. */
interface Measured {
  readonly cycle: string
  readonly folds: Folds
  readonly stalls: Stalls
  readonly poller: LogPoller
  readonly readiness: Readiness
}

/** Gauges of what a processor is doing, beside the metrics of its folds. */
export function processorGauges(registry: Registry, { cycle, folds, stalls, poller, readiness }: Measured): void {
  stallGauge(registry, [{ cycle, stalls }])
  lagGauge(registry, { cycle, folds, poller })
  defectGauge(registry, poller)
  readyGauge(registry, readiness)
}
