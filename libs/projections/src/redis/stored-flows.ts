import type { TransitionKind } from '#contracts'
import type { Flow } from '../read-models.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The flows of one day, from the fields of its hash (see models/flows.ts). */
export function flowsOf(day: number, hours: Record<string, string>): Flow[] {
  return Object.entries(hours).map(([field, transitions]) => {
    const [hour, kind, from, to] = field.split('.') as [string, TransitionKind, string, string]
    return { hour: day * DAY_MS + Number(hour) * HOUR_MS, kind, from, to, transitions: Number(transitions) }
  })
}

/** The flows of all partitions, added up and in order. */
export function sumFlows(flows: readonly Flow[]): Flow[] {
  const sums = new Map<string, Flow>()
  for (const flow of flows) {
    const key = JSON.stringify([flow.hour, flow.kind, flow.from, flow.to])
    sums.set(key, { ...flow, transitions: flow.transitions + (sums.get(key)?.transitions ?? 0) })
  }
  return [...sums.values()].sort((a, b) => a.hour - b.hour || compare(a.kind, b.kind) || compare(a.from, b.from) || compare(a.to, b.to))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
