import { cpus, release, totalmem, type } from 'node:os'
import { type Figure, medianOf, missed } from './figure.ts'

/** The head of the table. */
export const head = ['| what | unit | min | median | max | target | |', '|---|---|--:|--:|--:|--:|---|']

/** The day and the machine. */
export function machine(): string {
  const [first] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${new Date().toISOString().slice(0, 10)}, ${first?.model.trim()}, ${cpus().length} cores, ${memory}, Node ${process.versions.node}, ${type()} ${release()}`
}

/** A figure as a row of the table. */
export function row(figure: Figure): string {
  const { what, unit, samples, target } = figure
  const bound = target === undefined ? '' : 'atLeast' in target ? `≥ ${rounded(target.atLeast)}` : `≤ ${rounded(target.atMost)}`
  const verdict = target === undefined ? '' : missed(figure) ? 'missed' : 'met'
  const cells = [Math.min(...samples), medianOf(samples), Math.max(...samples)].map(rounded)
  return `| ${what} | ${unit} | ${cells.join(' | ')} | ${bound} | ${verdict} |`
}

function rounded(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
