// `npm run bench`: the figures of docs/reference/benchmarks.md, measured on this machine.
//   -- NAME…    only these benches, or cases of them (fold, fold/1m-zipf)
//   -- --write  put the table into docs/reference/benchmarks.md
import { fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { backtestBench } from './backtest.bench.ts'
import { cyclesBench } from './cycles.bench.ts'
import { embeddedBench } from './embedded.bench.ts'
import type { Bench, Figure } from './figure.ts'
import { foldBench } from './fold.bench.ts'
import { historyBench } from './history.bench.ts'
import { hotBench } from './hot.bench.ts'
import { httpBench } from './http.bench.ts'
import { memoryBench } from './memory.bench.ts'
import { head, machine, row } from './table.ts'

const benches: Readonly<Record<string, Bench>> = {
  fold: foldBench,
  backtest: backtestBench,
  hot: hotBench,
  memory: memoryBench,
  cycles: cyclesBench,
  embedded: embeddedBench,
  http: httpBench,
  history: historyBench,
}
const cases = Object.entries(benches).flatMap(([bench, of]) => Object.entries(of).map(([name, run]) => ({ name: `${bench}/${name}`, run })))
/** The setting of the processor's thread (apps/processor). */
const SEMI_SPACE_MIB = 8
const NOTHING = 'nothing'
const CACHE = join(import.meta.dirname, '../../.cache/bench')
/** Matches the figures in the page, without the text about them. */
const TABLE = /(<!-- measured -->)[\s\S]*?(<!-- end -->)/
const PAGE = join(import.meta.dirname, '../../docs/reference/benchmarks.md')

const { values, positionals } = parseArgs({
  options: { case: { type: 'string' }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (values.case === undefined) await runAll(positionals, values.write)
else await runCase(values.case)

async function runAll(chosen: readonly string[], write: boolean): Promise<void> {
  const names = cases.map(({ name }) => name).filter((name) => chosen.length === 0 || chosen.some((choice) => name === choice || name.startsWith(`${choice}/`)))
  const lines = [machine(), '', ...head]
  process.stdout.write(`${lines.join('\n')}\n`)
  for (const name of names) {
    const rows = (await inOwnProcess(name)).map(row)
    process.stdout.write(`${rows.join('\n')}\n`)
    lines.push(...rows)
  }
  if (write) writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(TABLE, `$1\n\n${lines.join('\n')}\n\n$2`))
}

async function runCase(chosen: string): Promise<void> {
  const figures = (await cases.find(({ name }) => name === chosen)?.run()) ?? []
  if (process.send === undefined) process.stdout.write(`${figures.map(row).join('\n')}\n`)
  else process.send(figures)
}

/** Runs a case in its own process. Cases about memory use the built libs, because a process that compiles sources needs more memory. */
async function inOwnProcess(name: string): Promise<Figure[]> {
  if (!name.startsWith('memory/')) return fromProcess(name, [...process.execArgv, '--expose-gc'])
  // The compiler of the build would count as memory of the case, so it is loaded only here.
  const { build } = await import('../../scripts/build.ts')
  await build({ onlyIfStale: true })
  const args = ['--expose-gc', `--max-semi-space-size=${SEMI_SPACE_MIB}`]
  // The first run fills the cache of compiled sources, from which the second run loads the bench.
  await fromProcess(NOTHING, args)
  return fromProcess(name, args)
}

function fromProcess(name: string, execArgv: readonly string[]): Promise<Figure[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Figure[]>()
  const child = fork(import.meta.filename, ['--case', name], { execArgv: [...execArgv], env: { ...process.env, NODE_COMPILE_CACHE: CACHE } })
  let found: Figure[] | undefined
  child.once('message', (figures: Figure[]) => {
    found = figures
    child.disconnect()
  })
  // The child process writes the cache when it ends, and the next one needs it.
  child.once('exit', (code) => (found === undefined ? reject(new Error(`${name} ended with ${code} and no figures`)) : resolve(found)))
  return promise
}
