import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { root } from '../../scripts/root.ts'
import { type Costs, keepCosts } from './kept-costs.ts'

/** The kernel counts the time of child processes in these ticks per second. */
const TICKS = 100

/** Seconds of processor time of this process and of its ended child processes. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // The name of the program can contain spaces; the third field follows the last parenthesis. Fields 16 and 17 are of the children.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / TICKS
}

/** A reporter of jest that measures each spec, and keeps the costs. The specs must run in the process of jest, one after the other. Linux only. */
export default class SpecCosts {
  readonly #costs: Costs = {}
  #before = 0

  onTestFileStart(): void {
    this.#before = processorSeconds()
  }

  onTestFileResult({ path }: { readonly path: string }): void {
    this.#costs[relative(root, path).replaceAll(sep, '/')] = Number((processorSeconds() - this.#before).toFixed(1))
  }

  onRunComplete(): void {
    keepCosts(this.#costs)
  }
}
