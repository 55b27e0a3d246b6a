import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Instant } from '#contracts'
import type { Clock } from '#runtime'

/** A registry with Node's metrics of its process: memory, processor time, the delay of its event loop. */
export function appMetrics(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** The metric of an age, and where its instants come from. */
export interface AgeOptions {
  readonly name: string
  readonly help: string
  readonly clock: Clock
  /** The instants whose age is measured, by partition; minus infinity if one is not known, which is left out. */
  readonly instants: () => Iterable<readonly [partition: number, at: Instant]>
}

/** A gauge of the age of instants, computed when it is read. */
export function ageGauge(registry: Registry, { name, help, clock, instants }: AgeOptions): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      gauge.reset()
      for (const [partition, at] of instants()) if (Number.isFinite(at)) gauge.set({ partition }, Math.max(0, clock.now() - at) / 1000)
    },
  })
}

/** A gauge of the read models that are being rebuilt: 1 for each; none is usual. */
export function rebuildGauge(registry: Registry, rebuilds: { readonly models: Iterable<string> }): void {
  const gauge = new Gauge({
    name: 'rondo_read_models_rebuilding',
    help: 'Read models that are being rebuilt from the feed because a release has changed them: 1 for each. Until then requests for them are refused',
    labelNames: ['model'],
    registers: [registry],
    collect: () => {
      gauge.reset()
      for (const model of rebuilds.models) gauge.set({ model }, 1)
    },
  })
}
