// `npm run cluster`: a real Kafka broker, a real Redis and the apps on this machine, until Ctrl-C.
//   --ingest N --processors N   how many of them (1 and 2)
//   --partitions N              of the topics (3)
//   --definition FILE           the cycle (deploy/cycles/shopper.yaml)
//   --port N                    ports from here on (8080); 0 for any that are free
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
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
    port: { type: 'string', default: '8080' },
  },
})
const portsFrom = Number(values.port)

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
})
const addresses = (['ingest', 'processor', 'reactor', 'serving'] satisfies AppName[]).flatMap((app) =>
  cluster.of(app).map(({ url }) => `  ${app.padEnd(10)} ${url}`),
)
process.stdout.write(`Ready.\n  kafka      ${cluster.broker.address}\n  redis      ${cluster.redis.url}\n${addresses.join('\n')}\nEnd it with Ctrl-C.\n`)
await ending.promise
process.stdout.write('Ending …\n')
const codes = await cluster.stop()
process.stdout.write('Ended.\n')
process.exitCode = codes.every((code) => code === 0) ? 0 : 1
