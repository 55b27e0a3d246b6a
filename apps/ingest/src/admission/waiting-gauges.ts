import { Gauge, type Registry } from 'prom-client'
import type { Admission } from './admission.ts'
import type { IngestLog } from './ingest-log.ts'

/** Gauges of what was accepted and is not in the log yet. */
export function waitingGauges(registry: Registry, admission: Pick<Admission, 'waitingBytes'>, log: Pick<IngestLog, 'oldestWaiting' | 'clock'>): void {
  const bytes: Gauge = new Gauge({
    name: 'rondo_append_waiting_bytes',
    help: 'Bytes of the requests that wait to become durable',
    registers: [registry],
    collect: () => bytes.set(admission.waitingBytes),
  })
  const age: Gauge = new Gauge({
    name: 'rondo_append_oldest_age_seconds',
    help: 'Age of the oldest event that is not in the log yet, also in a buffer; 0 if none waits',
    registers: [registry],
    collect: () => age.set(Math.max(0, log.clock.now() - (log.oldestWaiting ?? log.clock.now())) / 1000),
  })
}
