import { statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'

const DEFINITIONS = ['deploy/cycles/shopper.yaml', 'test/fixtures/cycles/presence-30d.yaml', 'test/fixtures/cycles/alternation.yaml']
const OTHERS = ['shopper', 'alternation']

let home: TemporaryFolder
let data: string
let app: RunningApp

const start = async (): Promise<void> => {
  const definitions = DEFINITIONS.flatMap((file) => ['--definition', join(root, file)])
  app = await startApp({ args: ['--data', data, ...definitions, '--short-grace', '--catch-up', '0s'] })
}
const track = (userId: string) => post(`${app.url}/v1/track`, { userId, event: 'Order Completed', properties: { cds: 1, dollars: 12 } })
const json = async <Body>(path: string): Promise<Body> => (await (await fetch(`${app.url}${path}`)).json()) as Body

async function isFolded(cycle: string, total: number): Promise<void> {
  await eventually(
    () => json<{ total: number }>(`/v1/cycles/${cycle}/stages`),
    (found) => found.total === total,
  )
}

/** Changes the state of presence so that it opens, and its fold and its counts fail. */
function damageRows(path: string): void {
  const db = new DatabaseSync(path)
  db.exec("INSERT OR REPLACE INTO checkpoints (partition, bucket, stamp, crc, bytes) VALUES (0, 0, '{}', 1, x'00'); UPDATE outputs SET crc = crc + 1")
  db.close()
}

beforeEach(async () => {
  home = temporaryFolder()
  data = join(home.path, 'data')
  await start()
  await track('ann')
  for (const cycle of ['presence', ...OTHERS]) await isFolded(cycle, 1)
  expect(await app.stop()).toBe(0)
})
afterEach(async () => {
  await app.kill()
  home[Symbol.dispose]()
})

describe('with three cycles, of which the state of one is damaged', () => {
  it.each([
    ['found by its fold', damageRows, /state-presence\.db is damaged: the checkpoint of bucket 0/],
    [
      'found when it is opened',
      (path: string) => truncateSync(path, statSync(path).size / 2),
      /state-presence\.db is damaged\. Stop Rondo and delete this one file/,
    ],
  ])('and the damage is %s, ingest answers, the others fold, and readiness names the cycle and the remedy', async (_, damage, found) => {
    const path = join(data, 'state-presence.db')
    damage(path)
    await start()
    // The welcome is the last line of the start: until then all states were read.
    expect(await app.prints(/1 in the cycle alternation/)).toBe(true)
    expect(app.output).toContain('The counts of the cycle presence cannot be read: ')
    const { reason } = await eventually(
      () => json<{ reason?: string }>('/v1/health/ready'),
      (answer) => answer.reason?.startsWith('The cycle presence is not folded any more') === true,
    )
    expect(reason).toMatch(found)
    expect(reason).toContain('delete this one file')
    expect((await track('bob')).status).toBe(200)
    for (const cycle of OTHERS) await isFolded(cycle, 2)
    const { items } = await json<{ items: { cycle: string; failure: string | null }[] }>('/v1/cycles')
    expect(items.map(({ cycle }) => cycle)).toEqual(['shopper', 'presence', 'alternation'])
    // What cannot be read is not shown as a cycle that is complete; where only its fold failed, its counts are those of before.
    if (damage !== damageRows)
      expect(items.map(({ failure }) => failure)).toEqual([null, expect.stringMatching(/state-presence\.db.*\(RONDO_DATA_CORRUPT\)$/), null])
    expect(app.child.exitCode).toBe(null)
  })
})
