import { execFile } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { securityOptions } from '../../libs/event-log/src/kafka/client/kafka-security.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { blocks } from '../fixtures/page-blocks.ts'

const PAGE = 'docs/guides/send-events.md'
const TOPIC = 'shop.orders'

/** The brokers, and how a program logs in to them that is not of Rondo. */
function clientOptions({ broker: { access } }: LocalCluster): string {
  return `${JSON.stringify(access.brokers)}, ...${JSON.stringify(securityOptions(access.security ?? {}))}`
}

it('an order that the Kafka program of the guide produces is read with the sources of the guide', async () => {
  using home = temporaryFolder()
  const [sources = ''] = blocks(PAGE, 'yaml')
  const [program = ''] = blocks(PAGE, 'js').filter((block) => block.includes("from 'kafkajs'"))
  writeFileSync(join(home.path, 'sources.yaml'), sources)
  symlinkSync(join(root, 'node_modules'), join(home.path, 'node_modules'))
  const cluster = await LocalCluster.start({
    folder: home.path,
    definition: join(root, 'deploy/cycles/shopper.yaml'),
    partitions: 1,
    counts: { ingest: 1, processor: 1, serving: 1 },
    settings: { RONDO_SOURCES: join(home.path, 'sources.yaml'), RONDO_CATCH_UP: '0s' },
    sourceTopics: [TOPIC],
    beforeIngest: async ({ broker }) => {
      const admin = plainClient(broker).admin()
      await admin.connect()
      await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 1, replicationFactor: 1 }] })
      await admin.disconnect()
    },
  })
  try {
    writeFileSync(join(home.path, 'produce.mjs'), program.replace("['127.0.0.1:9092']", clientOptions(cluster)))
    await promisify(execFile)(process.execPath, [join(home.path, 'produce.mjs')])
    const path = `${cluster.of('serving')[0]?.url}/v1/actors/user/kafka-1`
    const answer = await eventually(
      async () => (await (await fetch(path)).json()) as { stage?: string },
      ({ stage }) => stage !== undefined,
    )
    expect(answer).toMatchObject({ stage: 'connection', history: [{ output: { evidence: { event: 'orders:4711' } } }] })
  } finally {
    await cluster.stop()
  }
})
