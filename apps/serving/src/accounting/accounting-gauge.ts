import type { Registry } from 'prom-client'
import { valuesGauge } from '#process'
import type { Accounting } from './accounting.ts'

/** A cycle whose numbers are checked. */
interface CheckedCycle {
  readonly name: string
  readonly accounting: Pick<Accounting, 'differences'>
}

/** `rondo_accounting_differences`: how many numbers did not add up at the last check of each cycle. */
export function accountingGauge(registry: Registry, cycles: () => readonly CheckedCycle[]): void {
  valuesGauge(registry, {
    name: 'rondo_accounting_differences',
    help: 'Numbers that did not add up at the last check: counts of stages with their listings, their flows, and history. More than 0 is a defect',
    labelNames: ['cycle'],
    values: () => cycles().map(({ name, accounting }) => [{ cycle: name }, accounting.differences] as const),
  })
}
