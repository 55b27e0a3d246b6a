import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const definition = join(import.meta.dirname, 'pulse.yaml')
const settings = { RONDO_SHORT_GRACE: 'yes', RONDO_SESSION: '2s', RONDO_CATCH_UP: '1s' }

describe('a Rondo on a Kafka and a Redis with TLS, logins and only the documented rights', () => {
  const home = temporaryFolder()
  let cluster: LocalCluster
  beforeAll(async () => {
    const counts = { ingest: 1, processor: 1, reactor: 1, serving: 1 }
    cluster = await LocalCluster.start({ folder: home.path, definition, partitions: 2, counts, settings, secured: true })
  })
  afterAll(async () => {
    await cluster?.stop()
    home[Symbol.dispose]()
  })

  it('takes events, publishes transitions and counts them', async () => {
    const [ingest, serving] = [cluster.of('ingest')[0]?.url, cluster.of('serving')[0]?.url]
    expect(await post(`${ingest}/v1/track`, { event: 'Beat', userId: 'u1', messageId: 'm1' })).toMatchObject({ status: 200 })
    const stages = async (): Promise<{ total: number }> => (await (await fetch(`${serving}/v1/cycles/pulse/stages`)).json()) as { total: number }
    await eventually(stages, ({ total }) => total === 1)
  })
})
