import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Instant } from '#contracts'
import type { Clock } from '#runtime'
import { version } from '../settings/version.ts'
import type { Readiness } from './readiness-log.ts'

/** A registry with what every app has: its name and version, and Node's metrics of its process, such as memory, processor time, the delay of its event loop. */
export function appMetrics(app: string): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const labelNames = ['app', 'version'] as const
  new Gauge({ name: 'rondo_build_info', help: 'Always 1; its labels say which app and release this is', labelNames, registers: [registry] }).set(
    { app, version },
    1,
  )
  return registry
}

/** `rondo_ready`: what the readiness probe answers, as 1 or 0. */
export function readyGauge(registry: Registry, readiness: Readiness): void {
  const gauge: Gauge = new Gauge({
    name: 'rondo_ready',
    help: 'Whether the app is ready, as its probe says: 1 or 0',
    registers: [registry],
    collect: () => gauge.set(readiness() === undefined ? 1 : 0),
  })
}

/** The metric of some values, and where they come from. */
interface ValuesOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  /** The values at present, with their labels. A value that was there before and is not any more is left out. */
  readonly values: () => Iterable<readonly [labels: object, value: number]>
}

/** A gauge whose values are found when it is read. */
export function valuesGauge(registry: Registry, { name, help, labelNames, values }: ValuesOptions): void {
  const gauge = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      gauge.reset()
      // A reset gauge without labels is 0, not absent.
      if (labelNames.length === 0) gauge.remove()
      for (const [labels, value] of values()) gauge.set({ ...labels }, value)
    },
  })
}

/** The metric of an age, and where its instants come from. */
export interface AgeOptions extends Omit<ValuesOptions, 'values'> {
  readonly clock: Clock
  /** The instants whose age is measured, with their labels; minus infinity if one is not known, which is left out. */
  readonly instants: () => Iterable<readonly [labels: object, at: Instant]>
}

/** A gauge of the age of instants, computed when it is read. */
export function ageGauge(registry: Registry, { clock, instants, ...metric }: AgeOptions): void {
  const ageOf = (at: Instant): number => Math.max(0, clock.now() - at) / 1000
  valuesGauge(registry, { ...metric, values: () => [...instants()].flatMap(([labels, at]) => (Number.isFinite(at) ? [[labels, ageOf(at)] as const] : [])) })
}

/** The read models of a cycle: all, and those that are being rebuilt. */
export interface CycleRebuilds {
  readonly cycle: string
  readonly models: readonly string[]
  readonly rebuilds: { readonly models: Iterable<string> }
}

/** A gauge of the read models of some cycles: 1 for each that is being rebuilt. The cycles are those that are there when it is read. */
export function rebuildGauge(registry: Registry, cycles: readonly CycleRebuilds[]): void {
  valuesGauge(registry, {
    name: 'rondo_read_models_rebuilding',
    help: 'Read models that are being rebuilt from the feed because a release has changed them: 1 for each, else 0. Until it is complete, requests for the model are refused',
    labelNames: ['cycle', 'model'],
    *values() {
      for (const { cycle, models, rebuilds } of cycles) {
        for (const model of models) yield [{ cycle, model }, 0]
        for (const model of rebuilds.models) yield [{ cycle, model }, 1]
      }
    },
  })
}
