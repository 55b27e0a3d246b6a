import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { temporaryFolder } from '#runtime'
import { outputsIn, rondo } from '../fixtures/processes/rondo-command.ts'
import { post, startApp } from '../fixtures/processes/running-app.ts'
import { feedOf, rondoImport } from '../fixtures/processes/running-import.ts'

// A visit, the begin and the end of a trial, all at one instant. An order by random ids would leave one user in five in the trial.

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
const inFolder = (name: string): string => join(folder.path, name)
const definition = join(import.meta.dirname, '../fixtures/cycles/trial.yaml')

const ACTIONS = ['Page Viewed', 'Trial Started', 'Trial Cancelled']
const USERS = Array.from({ length: 200 }, (_, n) => `u${n}`)
/** Ids that are not in order, and are the same in every run. */
const idOf = (user: string, action: string): string => createHash('sha256').update(`${user} ${action}`).digest('hex').slice(0, 12)

function stagesOf(outputs: readonly Output[]): string[] {
  return [...new Set(new Map(outputs.filter(({ kind }) => kind !== 'notice').map(({ actor, to }) => [actor.id, to])).values())]
}
const actorsOf = (outputs: readonly Output[]): number => new Set(outputs.map(({ actor }) => actor.id)).size

const csv = inFolder('trials.csv')
writeFileSync(csv, ['no,who,day,what', ...USERS.flatMap((who) => ACTIONS.map((what) => `${idOf(who, what)},${who},2026-01-01,${what}`))].join('\n'))
const CSV = ['--input', csv, '--csv', '--actor', 'who', '--time', 'day', '--event-column', 'what']

async function replayed(name: string, args: readonly string[]): Promise<Output[]> {
  const { code, stderr } = await rondo(['replay', '--definition', definition, ...args, '--output', inFolder(name)])
  if (code !== 0) throw new Error(`rondo replay ended with ${code}: ${stderr}`)
  return outputsIn(inFolder(name))
}

describe('events of one instant count in their order', () => {
  it.each([
    ['with any ids', ['--id', 'no']],
    ['without ids', []],
  ])('in a file, %s', async (name, id) => {
    const outputs = await replayed(`csv-${name}.ndjson`, [...CSV, ...id])
    expect([actorsOf(outputs), stagesOf(outputs)]).toEqual([200, ['cancelled']])
  })

  it('in a file with falling ids', async () => {
    const path = inFolder('falling.csv')
    writeFileSync(path, 'no,who,day,what\n10,ann,2026-01-01,Page Viewed\n9,ann,2026-01-01,Trial Started\n8,ann,2026-01-01,Trial Cancelled\n')
    const args = ['--input', path, '--csv', '--actor', 'who', '--time', 'day', '--id', 'no', '--event-column', 'what']
    expect((await replayed('falling.ndjson', args)).map(({ to }) => to)).toEqual(['visitor', 'trialing', 'cancelled'])
  })

  it('in a file of calls that were recorded late and out of order', async () => {
    const path = inFolder('calls.ndjson')
    const call = (event: string, receivedAt: string, timestamp = '2026-01-01T00:00:00.000Z'): string =>
      JSON.stringify({ type: 'track', userId: 'ann', event, messageId: idOf('ann', `${event}${receivedAt}`), timestamp, receivedAt })
    const later = '2026-01-01T00:00:03.000Z'
    // The newest event arrives first, so the events of one instant are all folded again from the base.
    const lines = [call('Page Viewed', later, later), ...ACTIONS.map((action, n) => call(action, `2026-01-01T00:00:0${4 + n}.000Z`))]
    writeFileSync(path, lines.join('\n'))
    const outputs = await replayed('calls-out.ndjson', ['--input', path, '--as-recorded', '--effective'])
    expect(outputs.map(({ to, at }) => `${to} ${at}`)).toEqual(['visitor', 'trialing', 'cancelled'].map((to) => `${to} 2026-01-01T00:00:00.000Z`))
  })

  it('in an import, and again when its log is folded again', async () => {
    const data = inFolder('imported')
    expect(await rondoImport('--data', data, '--definition', definition, ...CSV, '--id', 'no')).toMatchObject({ code: 0 })
    for (const _ of ['as it was left', 'folded again']) {
      const app = await startApp({ args: ['--data', data, '--definition', definition, '--catch-up', '0s'] })
      const outputs = await feedOf(app.url)
      expect([actorsOf(outputs), stagesOf(outputs)]).toEqual([200, ['cancelled']])
      await app.stop()
      for (const file of ['state.db', 'state.db-wal', 'state.db-shm']) rmSync(join(data, file), { force: true })
    }
  })

  it('in a request, with a time and without', async () => {
    const app = await startApp({ args: ['--data', inFolder('live'), '--definition', definition, '--catch-up', '0s'] })
    const timestamp = new Date(Date.now() - 60_000).toISOString()
    const batchOf = (users: readonly string[], more: object): unknown[] =>
      users.flatMap((userId) => ACTIONS.map((event) => ({ type: 'track', event, userId, messageId: idOf(userId, event), ...more })))
    for (const batch of [
      batchOf(USERS, { timestamp }),
      batchOf(
        USERS.slice(0, 50).map((user) => `${user} now`),
        {},
      ),
    ])
      expect(await post(`${app.url}/v1/batch`, { batch })).toMatchObject({ status: 200, body: { accepted: batch.length } })
    const outputs = await feedOf(app.url)
    await app.stop()
    expect([actorsOf(outputs), stagesOf(outputs)]).toEqual([250, ['cancelled']])
  })
})
