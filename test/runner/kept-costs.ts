import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/root.ts'

const file = join(import.meta.dirname, 'costs.json')

/** Seconds of processor time by spec: of the process of jest and of the processes that the spec started. */
export type Costs = Record<string, number>

/** The costs of the tests at an earlier run. */
export function keptCosts(): Costs {
  return JSON.parse(readFileSync(file, 'utf8')) as Costs
}

/** Replaces the costs of the given specs, and drops those of specs that no longer exist. */
export function keepCosts(measured: Costs): void {
  const costs = Object.entries({ ...keptCosts(), ...measured }).filter(([path]) => existsSync(join(root, path)))
  costs.sort(([pathA, a], [pathB, b]) => b - a || (pathA < pathB ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(costs), undefined, 2)}\n`)
}
