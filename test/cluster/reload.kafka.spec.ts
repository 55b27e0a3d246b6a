import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import type { AppName } from '../../scripts/local/app-process.ts'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

/** What the audit log has of a reload. */
interface Act {
  readonly kind: string
  readonly app: string
  readonly changes?: readonly { readonly name: string; readonly change: string }[]
}

const APPS: readonly AppName[] = ['ingest', 'processor', 'reactor', 'serving']

describe('the apps on Kafka', () => {
  const home = temporaryFolder()
  const file = join(home.path, 'rondo.env')
  let cluster: LocalCluster
  beforeAll(async () => {
    writeFileSync(file, '')
    cluster = await LocalCluster.start({
      folder: home.path,
      definition: join(import.meta.dirname, 'pulse.yaml'),
      partitions: 1,
      counts: { ingest: 1, processor: 1, reactor: 1, serving: 1 },
      settings: { RONDO_SHORT_GRACE: 'yes', RONDO_SETTINGS: file },
    })
  })
  afterAll(async () => {
    await cluster.stop()
    home[Symbol.dispose]()
  })

  const audit = async (): Promise<Act[]> =>
    ((await (await fetch(`${cluster.of('serving')[0]?.url}/v1/audit`)).json()) as { items: Act[] }).items.filter(({ kind }) => kind.startsWith('reload'))
  const hangUp = (): void => {
    for (const app of APPS) cluster.of(app)[0]?.child.kill('SIGHUP')
  }
  const appsOf = (acts: readonly Act[]): string[] => acts.map(({ app }) => app).sort()

  it('each reload at a SIGHUP, and each act is in the log of all', async () => {
    writeFileSync(file, 'RONDO_KEEP_ALIVE_TIMEOUT=20s\n')
    hangUp()
    const acts = await eventually(audit, ({ length }) => length === APPS.length)
    expect(appsOf(acts)).toEqual([...APPS])
    for (const { changes } of acts) expect(changes).toEqual([{ name: 'RONDO_KEEP_ALIVE_TIMEOUT', change: 'from its default to 20s' }])
    expect((await post(`${cluster.of('ingest')[0]?.url}/v1/reload`, '')).body).toEqual({ changes: [] })
  })

  it('refuse a setting that needs a restart, and continue as before', async () => {
    const before = (await eventually(audit, ({ length }) => length > APPS.length)).length
    writeFileSync(file, 'RONDO_SESSION=20s\nRONDO_KEEP_ALIVE_TIMEOUT=30s\n')
    hangUp()
    const acts = await eventually(audit, ({ length }) => length === before + APPS.length)
    expect(appsOf(acts.filter(({ kind }) => kind === 'reload-refused'))).toEqual([...APPS])
    expect((await post(`${cluster.of('ingest')[0]?.url}/v1/track`, { event: 'Beat', userId: 'u1', messageId: 'm1' })).status).toBe(200)
    expect(APPS.map((app) => cluster.of(app).length)).toEqual([1, 1, 1, 1])
  })
})
