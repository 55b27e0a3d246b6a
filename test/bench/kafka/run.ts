// `npm run bench:kafka`: Rondo on a real broker beside its peers; docs/reference/benchmarks-kafka.md explains it.
//   -- NAME…    only these parts: duel-2, duel-25, growth, latency, restore, compression
//   --brief  one round of fewer events, as a trial
//   -- --write  put the table into that page
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Figure } from '../figure.ts'
import { head, machine, row } from '../table.ts'
import { BenchBroker } from './bench-broker.ts'
import { processorMs, reapedMs } from './child.ts'
import { compression } from './compression.ts'
import { brief, duel, whole } from './duel.ts'
import { growth } from './growth.ts'
import { latency } from './latency.ts'
import { howItIsMeasured, pageFile } from './page.ts'
import { restoration } from './restoration.ts'

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false }, brief: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const parts: Readonly<Record<string, (bench: BenchBroker) => Promise<Figure[]>>> = {
  'duel-2': (on) => duel(on, 0.02, values.brief ? brief : whole),
  'duel-25': (on) => duel(on, 0.25, values.brief ? brief : whole),
  growth,
  latency,
  restore: restoration,
  compression,
}
const chosen = Object.entries(parts).filter(([name]) => positionals.length === 0 || positionals.includes(name))

process.stdout.write(`${machine()}\n\n${head.join('\n')}\n`)
// Child processes end at the exit event of this process. A signal causes that event only with this handler.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const bench = await BenchBroker.start()
const before = { wall: performance.now(), busy: busyMs() }
const rows: string[] = []
for (const [, part] of chosen) {
  const found = (await part(bench)).map(row)
  process.stdout.write(`${found.join('\n')}\n`)
  rows.push(...found)
}
const note = `Other work on the machine meanwhile: ${othersPercent(bench)} % of its processor time.`
await bench.stop()
process.stdout.write(`\n${note}\n`)
if (values.write)
  writeFileSync(
    pageFile,
    ['# Benchmarks on Kafka', howItIsMeasured, `${machine()}. ${note}`, [...head, ...rows].join('\n'), ''].join('\n\n').replace(/\n+$/, '\n'),
  )

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

/** The percentage of processor time that other processes used. If it is high, ratios of cases that ran one after the other are not reliable. */
function othersPercent({ broker }: BenchBroker): number {
  const all = (performance.now() - before.wall) * cpus().length
  const ours = processorMs(process.pid) + reapedMs() + processorMs(broker.pid ?? 0)
  return Math.max(0, Math.round((100 * (busyMs() - before.busy - ours)) / all))
}
