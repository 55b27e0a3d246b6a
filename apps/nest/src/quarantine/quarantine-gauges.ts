import { Gauge, type Registry } from 'prom-client'
import { Latest } from '#process'
import type { Quarantine } from '#quarantine'

/** Gauges of what quarantine keeps. On Kafka a broker does not tell the bytes; they are 0 there. */
export function quarantineGauges(registry: Registry, quarantine: Pick<Quarantine, 'usage'>): void {
  const usage = new Latest(() => quarantine.usage())
  type Usage = Awaited<ReturnType<Quarantine['usage']>>
  const gauge = (name: string, help: string, of: (usage: Usage) => number | null): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const found = await usage.value()
        if (found !== undefined) made.set(of(found) ?? 0)
      },
    })
  }
  gauge('rondo_quarantine_records', 'Refused events that quarantine keeps, also replayed and discarded ones', ({ records }) => records)
  gauge('rondo_quarantine_bytes', 'Bytes of the refused events that quarantine keeps; 0 on Kafka, where no broker tells it', ({ bytes }) => bytes)
  gauge('rondo_quarantine_limit_bytes', 'How many bytes quarantine may keep; 0 if there is no limit', ({ bytesMax }) => bytesMax)
  gauge('rondo_quarantine_dropped_records', 'Refused events that the limits of quarantine have removed since the log began', ({ dropped }) => dropped.records)
}
