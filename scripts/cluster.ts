// `npm run cluster`: runs a real Kafka broker, a real Redis and the apps on this machine until it is stopped or one of them ends by itself.
// --help lists the options.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { onTermination, temporaryFolder } from '#runtime'
import type { AppName } from './local/app-process.ts'
import { ClusterFolder } from './local/cluster-folder.ts'
import { type ClusterFlags, HELP, readClusterFlags } from './local/cluster-options.ts'
import { type EndedProcess, LocalCluster } from './local/local-cluster.ts'
import { provision, provisionBroker } from './provision.ts'
import { root } from './root.ts'

const CURRENT_S = 10
const CURRENT_MS_MAX = 60_000
const POLL_MS = 200
const OUTPUT_LENGTH_MAX = 2000
const stop = new AbortController()
let hasFailed = false
let hasLost: EndedProcess['name'] | undefined

/** Imports the shipped purchases, moved so that the last one is now. Like any history, they are imported before live events. */
async function importPurchases(cluster: LocalCluster, folder: ClusterFolder): Promise<void> {
  process.stdout.write('Importing the purchases of a CD shop …\n')
  folder.note('begun')
  const { settings } = cluster
  const partitions = String(folder.partitions)
  const to = ['--brokers', cluster.broker.address, '--partitions', partitions, '--replication', '1', '--definition', settings['RONDO_DEFINITION'] ?? '']
  const csv = ['--csv', '--actor', 'customer_id', '--time', 'date', '--event', 'Order Completed', '--property', 'cds', 'dollars']
  const input = join(root, 'deploy', 'data', 'cdnow_master.csv.gz')
  const args = [join(root, 'apps', 'cli', 'bin', 'rondo.js'), 'import', '--input', input, ...csv, '--shift-to-now', ...to]
  await promisify(execFile)(process.execPath, args, { signal: stop.signal, env: { ...process.env, ...cluster.broker.loginOf('commands') } })
  folder.note('done')
}

/** Waits until the processors have folded the import. Before that the counts are of an earlier time. */
async function untilCurrent(stages: string): Promise<void> {
  for (let waited = 0; waited < CURRENT_MS_MAX && !stop.signal.aborted; waited += POLL_MS) {
    const asOf = await fetch(stages)
      .then(async (answer) => ((await answer.json()) as { asOf?: { ageSeconds: number | null } }).asOf)
      .catch(() => undefined)
    if (typeof asOf?.ageSeconds === 'number' && asOf.ageSeconds < CURRENT_S) return
    await sleep(POLL_MS, undefined, { signal: stop.signal }).catch(() => {})
  }
}

function onEnd({ name, child, output }: EndedProcess): void {
  const ending = child.exitCode === null ? `by ${child.signalCode}` : `with exit code ${child.exitCode}`
  process.stderr.write(`The ${name} has ended by itself, ${ending}.${output === '' ? '' : ` The end of its output:\n${output.slice(-OUTPUT_LENGTH_MAX)}`}\n`)
  hasFailed = true
  hasLost ??= name
  stop.abort()
}

function fail(failure: unknown): void {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`)
  hasFailed = true
}

/** @returns undefined if the start failed, which was reported, or was stopped */
async function start(flags: ClusterFlags, folder: ClusterFolder): Promise<LocalCluster | undefined> {
  try {
    return await LocalCluster.start({
      folder: folder.path,
      keepsRedis: flags.data !== undefined,
      definition: flags.definition,
      partitions: folder.partitions,
      counts: { ingest: flags.ingest, processor: flags.processors, reactor: 1, serving: 1 },
      signal: stop.signal,
      onEnd,
      ...(flags.port === 0 ? {} : { portsFrom: flags.port }),
      ...(flags.demo && folder.isNew ? { beforeIngest: (cluster: LocalCluster) => importPurchases(cluster, folder) } : {}),
    })
  } catch (failure) {
    if (!stop.signal.aborted) fail(failure)
    return undefined
  }
}

async function welcome(cluster: LocalCluster, { definition, data }: ClusterFlags): Promise<void> {
  const { cycle } = parse(readFileSync(definition, 'utf8')) as { cycle: string }
  const [serving] = cluster.of('serving')
  const stages = `${serving?.url}/v1/cycles/${cycle}/stages`
  await untilCurrent(stages)
  if (stop.signal.aborted) return
  const addresses = (['ingest', 'processor', 'reactor', 'serving'] satisfies AppName[]).flatMap((app) =>
    cluster.of(app).map(({ url }) => `  ${app.padEnd(10)} ${url}`),
  )
  process.stdout.write(`Ready.\n  kafka      ${cluster.broker.address}\n  redis      ${cluster.redis.url}\n${addresses.join('\n')}\n`)
  process.stdout.write(`Try:\n  curl ${stages}    how many are in each stage\n  npx rondo tail --url ${serving?.url}    transitions as they happen\n`)
  process.stdout.write(data === undefined ? 'The data is deleted at the end; --data FOLDER keeps it.\n' : `The data is kept in ${data}.\n`)
  for (const { printed } of [...cluster.of('serving'), ...cluster.of('ingest')]) process.stdout.write(printed)
  process.stdout.write('End it with Ctrl-C.\n')
}

async function run(flags: ClusterFlags): Promise<void> {
  provision()
  provisionBroker()
  onTermination(() => stop.abort())
  const stopped = new Promise((resolve) => stop.signal.addEventListener('abort', resolve))
  using home = temporaryFolder()
  const folder = new ClusterFolder(flags.data ?? home.path, flags.partitions)
  process.stdout.write(`${folder.isNew ? 'Starting' : 'Continuing with'} a Kafka broker, Redis and the apps …\n`)
  const cluster = await start(flags, folder)
  if (cluster !== undefined) {
    await welcome(cluster, flags)
    await stopped
    process.stdout.write('Ending …\n')
    // Without the broker or Redis no app can end in order; each would wait until its time limit.
    if (hasLost === 'broker' || hasLost === 'redis') await cluster.kill()
    else if ((await cluster.stop()).some((code) => code !== 0)) hasFailed = true
  }
  process.stdout.write('Ended.\n')
}

const { flags, defects, help } = readClusterFlags(process.argv.slice(2))
if (help) process.stdout.write(HELP)
else if (defects.length > 0) {
  for (const defect of defects) process.stderr.write(`${defect}. --help lists the options.\n`)
  process.exitCode = 2
} else {
  await run(flags).catch(fail)
  if (hasFailed) process.exitCode = 1
}
