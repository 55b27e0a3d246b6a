// `npm run cluster`: a real Kafka broker, a real Redis and the apps on this machine, until Ctrl-C.
//   --ingest N --processors N   how many of them (1 and 2)
//   --partitions N              of the topics (3)
//   --definition FILE           the cycle (deploy/cycles/shopper.yaml)
//   --no-demo                   without the purchases of a CD shop, which come with Rondo
//   --port N                    ports from here on (8080); 0 for any that are free
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { parse } from 'yaml'
import { temporaryFolder } from '#runtime'
import type { AppName } from './local/app-process.ts'
import { LocalCluster } from './local/local-cluster.ts'
import { provision, provisionBroker } from './provision.ts'
import { root } from './root.ts'

const { values } = parseArgs({
  options: {
    ingest: { type: 'string', default: '1' },
    processors: { type: 'string', default: '2' },
    partitions: { type: 'string', default: '3' },
    definition: { type: 'string', default: 'deploy/cycles/shopper.yaml' },
    demo: { type: 'boolean', default: true },
    port: { type: 'string', default: '8080' },
  },
  allowNegative: true,
})
const portsFrom = Number(values.port)
const CURRENT_S = 10
const CURRENT_MS_MAX = 60_000
const LOOK_MS = 200

/** The shipped purchases, moved so that the last one happens now. They go in before live events, as any history does. */
async function importPurchases(cluster: LocalCluster): Promise<void> {
  process.stdout.write('Importing the purchases of a CD shop …\n')
  const { settings } = cluster
  const to = ['--brokers', cluster.broker.address, '--partitions', values.partitions, '--replication', '1', '--definition', settings['RONDO_DEFINITION'] ?? '']
  const csv = ['--csv', '--actor', 'customer_id', '--time', 'date', '--event', 'Order Completed', '--property', 'cds', 'dollars']
  const input = join(root, 'deploy', 'data', 'cdnow_master.csv.gz')
  const args = [join(root, 'apps', 'cli', 'bin', 'rondo.js'), 'import', '--input', input, ...csv, '--shift-to-now', ...to]
  await promisify(execFile)(process.execPath, args)
}

/** What is imported takes the processors some seconds more; until then the counts are of an earlier time. */
async function untilCurrent(stages: string): Promise<void> {
  for (let waited = 0; waited < CURRENT_MS_MAX; waited += LOOK_MS) {
    const { asOf } = (await (await fetch(stages)).json()) as { asOf: { ageSeconds: number | null } }
    if (asOf.ageSeconds !== null && asOf.ageSeconds < CURRENT_S) return
    await sleep(LOOK_MS)
  }
}

provision()
provisionBroker()
const ending = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.resolve())
using home = temporaryFolder()
process.stdout.write('Starting a Kafka broker, Redis and the apps …\n')
const cluster = await LocalCluster.start({
  folder: home.path,
  definition: resolve(root, values.definition),
  partitions: Number(values.partitions),
  counts: { ingest: Number(values.ingest), processor: Number(values.processors), reactor: 1, serving: 1 },
  ...(portsFrom === 0 ? {} : { portsFrom }),
  ...(values.demo ? { beforeIngest: importPurchases } : {}),
})
const { cycle } = parse(readFileSync(resolve(root, values.definition), 'utf8')) as { cycle: string }
const [serving] = cluster.of('serving')
const stages = `${serving?.url}/v1/cycles/${cycle}/stages`
await Promise.race([untilCurrent(stages), ending.promise])
const addresses = (['ingest', 'processor', 'reactor', 'serving'] satisfies AppName[]).flatMap((app) =>
  cluster.of(app).map(({ url }) => `  ${app.padEnd(10)} ${url}`),
)
process.stdout.write(`Ready.\n  kafka      ${cluster.broker.address}\n  redis      ${cluster.redis.url}\n${addresses.join('\n')}\n`)
process.stdout.write(`Try:\n  curl ${stages}    how many are in each stage\n  npx rondo tail --url ${serving?.url}    transitions as they happen\n`)
process.stdout.write('End it with Ctrl-C.\n')
await ending.promise
process.stdout.write('Ending …\n')
const codes = await cluster.stop()
process.stdout.write('Ended.\n')
process.exitCode = codes.every((code) => code === 0) ? 0 : 1
