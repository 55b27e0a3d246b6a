// `npm run cluster`: a real Kafka broker, a real Redis and the apps on this machine, until Ctrl-C, or until one of the apps ends by itself.
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
import type { AppName, AppProcess } from './local/app-process.ts'
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
const LAST_WORDS = 2000
const stop = new AbortController()
let hasFailed = false

/** The shipped purchases, moved so that the last one happens now. They go in before live events, as any history does. */
async function importPurchases(cluster: LocalCluster): Promise<void> {
  process.stdout.write('Importing the purchases of a CD shop …\n')
  const { settings } = cluster
  const to = ['--brokers', cluster.broker.address, '--partitions', values.partitions, '--replication', '1', '--definition', settings['RONDO_DEFINITION'] ?? '']
  const csv = ['--csv', '--actor', 'customer_id', '--time', 'date', '--event', 'Order Completed', '--property', 'cds', 'dollars']
  const input = join(root, 'deploy', 'data', 'cdnow_master.csv.gz')
  const args = [join(root, 'apps', 'cli', 'bin', 'rondo.js'), 'import', '--input', input, ...csv, '--shift-to-now', ...to]
  await promisify(execFile)(process.execPath, args, { signal: stop.signal })
}

/** What is imported takes the processors some seconds more; until then the counts are of an earlier time. */
async function untilCurrent(stages: string): Promise<void> {
  for (let waited = 0; waited < CURRENT_MS_MAX && !stop.signal.aborted; waited += LOOK_MS) {
    const asOf = await fetch(stages)
      .then(async (answer) => ((await answer.json()) as { asOf?: { ageSeconds: number | null } }).asOf)
      .catch(() => undefined)
    if (typeof asOf?.ageSeconds === 'number' && asOf.ageSeconds < CURRENT_S) return
    await sleep(LOOK_MS, undefined, { signal: stop.signal }).catch(() => {})
  }
}

function onEnd({ app, child, said }: AppProcess): void {
  const how = child.exitCode === null ? `by ${child.signalCode}` : `with exit code ${child.exitCode}`
  process.stderr.write(`The ${app} has ended by itself, ${how}. Its last words:\n${said.slice(-LAST_WORDS)}\n`)
  hasFailed = true
  stop.abort()
}

/** @returns undefined where it has failed, which has been said, or was stopped */
async function start(folder: string): Promise<LocalCluster | undefined> {
  try {
    return await LocalCluster.start({
      folder,
      definition: resolve(root, values.definition),
      partitions: Number(values.partitions),
      counts: { ingest: Number(values.ingest), processor: Number(values.processors), reactor: 1, serving: 1 },
      signal: stop.signal,
      onEnd,
      ...(portsFrom === 0 ? {} : { portsFrom }),
      ...(values.demo ? { beforeIngest: importPurchases } : {}),
    })
  } catch (failure) {
    if (stop.signal.aborted) return undefined
    process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`)
    hasFailed = true
    return undefined
  }
}

async function welcome(cluster: LocalCluster): Promise<void> {
  const { cycle } = parse(readFileSync(resolve(root, values.definition), 'utf8')) as { cycle: string }
  const [serving] = cluster.of('serving')
  const stages = `${serving?.url}/v1/cycles/${cycle}/stages`
  await untilCurrent(stages)
  if (stop.signal.aborted) return
  const addresses = (['ingest', 'processor', 'reactor', 'serving'] satisfies AppName[]).flatMap((app) =>
    cluster.of(app).map(({ url }) => `  ${app.padEnd(10)} ${url}`),
  )
  process.stdout.write(`Ready.\n  kafka      ${cluster.broker.address}\n  redis      ${cluster.redis.url}\n${addresses.join('\n')}\n`)
  process.stdout.write(`Try:\n  curl ${stages}    how many are in each stage\n  npx rondo tail --url ${serving?.url}    transitions as they happen\n`)
  process.stdout.write('End it with Ctrl-C.\n')
}

provision()
provisionBroker()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
const stopped = new Promise((resolve) => stop.signal.addEventListener('abort', resolve))
using home = temporaryFolder()
process.stdout.write('Starting a Kafka broker, Redis and the apps …\n')
const cluster = await start(home.path)
if (cluster !== undefined) {
  await welcome(cluster)
  await stopped
  process.stdout.write('Ending …\n')
  const codes = await cluster.stop()
  if (codes.some((code) => code !== 0)) hasFailed = true
}
process.stdout.write('Ended.\n')
process.exitCode = hasFailed ? 1 : 0
