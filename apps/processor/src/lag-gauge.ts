import type { Registry } from 'prom-client'
import { type LogPoller, valuesGauge } from '#process'
import type { Folds } from './folds.ts'

/** The folds of each cycle, and the poller that knows the ends of the partitions. */
interface Lagging {
  readonly cycles: readonly { readonly cycle: string; readonly folds: Pick<Folds, 'partitions' | 'status'> }[]
  readonly poller: Pick<LogPoller, 'activityEnd'>
}

/** `rondo_activity_lag_records`: how many records the fold of each partition still has to read. */
export function lagGauge(registry: Registry, { cycles, poller }: Lagging): void {
  valuesGauge(registry, {
    name: 'rondo_activity_lag_records',
    help: 'Records of activity between the committed position of the fold and the end of the partition at the last poll; each holds up to some hundred events',
    labelNames: ['cycle', 'partition'],
    *values() {
      for (const { cycle, folds } of cycles) {
        for (const partition of folds.partitions) {
          yield [{ cycle, partition }, Math.max(0, poller.activityEnd(partition) - 1 - folds.status(partition).offset)]
        }
      }
    },
  })
}
