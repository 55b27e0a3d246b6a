import { Counter, Gauge, type Registry } from 'prom-client'
import { valuesGauge } from '#process'
import type { LiveBudget, SlowReason } from './live-budget.ts'

const reasons: readonly SlowReason[] = ['client', 'process']

/** How many live streams the cycles have that are there when it is read, what waits for them, and how many were dropped or refused. */
export function liveGauges(registry: Registry, cycles: () => readonly string[], budget: LiveBudget): void {
  const registers = [registry]
  valuesGauge(registry, {
    name: 'rondo_live_streams',
    help: 'Live streams that are open, by cycle',
    labelNames: ['cycle'],
    values: () => cycles().map((cycle) => [{ cycle }, budget.streamsOf(cycle)] as const),
  })
  const waiting: Gauge = new Gauge({
    name: 'rondo_live_waiting_bytes',
    help: 'Bytes that wait for the clients of live streams',
    registers,
    collect: () => waiting.set(budget.waitingBytes),
  })
  const dropped: Counter = new Counter({
    name: 'rondo_live_dropped_total',
    help: 'Live streams that were ended because too much waited: for this client alone, or in the process for all together',
    labelNames: ['cycle', 'reason'],
    registers,
    collect() {
      for (const cycle of cycles()) for (const reason of reasons) dropped.inc({ cycle, reason }, 0)
    },
  })
  const refused: Counter = new Counter({
    name: 'rondo_live_refused_total',
    help: 'Requests for a live stream that were answered with 503, because as many as allowed were open',
    labelNames: ['cycle'],
    registers,
    collect() {
      for (const cycle of cycles()) refused.inc({ cycle }, 0)
    },
  })
  budget.onDrop = (cycle, reason) => dropped.inc({ cycle, reason })
  budget.onRefusal = (cycle) => refused.inc({ cycle })
}
