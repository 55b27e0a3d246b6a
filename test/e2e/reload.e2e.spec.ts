import { renameSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/command-in-process.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'

/** What the audit log has of a reload. */
interface Act {
  readonly kind: string
  readonly by: string
  readonly app: string
  readonly changes?: readonly { readonly name: string; readonly change: string }[]
  readonly defects?: readonly string[]
}

const { argsOf, definition, path, start } = pulseAppsForTests()
/** Renames a new file, as operators should: a reload at the same time never sees half of it. */
const settingsAre = (...lines: readonly string[]): void => {
  writeFileSync(path('rondo.env.new'), `${lines.join('\n')}\n`)
  renameSync(path('rondo.env.new'), path('rondo.env'))
}
beforeEach(() => settingsAre('RONDO_LOG_LEVEL=info'))

const startReloadable = (): Promise<RunningApp> => start({ args: argsOf('--settings', path('rondo.env')) })
const audit = async (app: RunningApp): Promise<Act[]> => ((await (await fetch(`${app.url}/v1/audit`)).json()) as { items: Act[] }).items
const reload = (app: RunningApp) => post(`${app.url}/v1/reload`, '')

describe('a running Rondo', () => {
  it('takes over settings of its file at a SIGHUP, from the command and over HTTP, and the audit log has who, and what', async () => {
    const app = await startReloadable()
    settingsAre('RONDO_LOG_LEVEL=warn', 'RONDO_STALL=90s')
    app.child.kill('SIGHUP')
    const [first] = await eventually(
      () => audit(app),
      (acts) => acts.length === 1,
    )
    expect(first).toMatchObject({ kind: 'reloaded', by: 'signal', app: 'standalone' })
    expect(first?.changes?.map(({ name, change }) => `${name} ${change}`).sort()).toEqual([
      'RONDO_LOG_LEVEL from info to warn',
      'RONDO_STALL from its default to 90s',
    ])
    settingsAre('RONDO_LOG_LEVEL=info', 'RONDO_QUARANTINE_AGE=1d', 'RONDO_HELD_BYTES_MAX=1000')
    const made = await rondo('reload', '--url', app.url)
    expect([made.code, made.messages]).toEqual([0, expect.stringContaining('  RONDO_STALL from 90s to its default\n')])
    expect(await reload(app)).toMatchObject({ status: 200, body: { changes: [] } })
    expect(await app.prints(/Reloaded \(by command\): nothing has changed/)).toBe(true)
    expect((await audit(app)).map(({ by }) => by)).toEqual(['command', 'command', 'signal'])
    expect(await app.stop()).toBe(0)
  })

  it('changes nothing where one part is wrong, and lists every defect', async () => {
    const app = await startReloadable()
    writeFileSync(definition(), 'x: 1\n')
    settingsAre('RONDO_STALL=90s', 'RONDO_QUARANTINE_AGE=soon', 'RONDO_ENVIRONMENT=staging', 'RONDO_CATCH_UP=1s', 'RONDO_NONSENSE=1')
    const { status, body } = await reload(app)
    expect([status, body['code']]).toEqual([409, 'RONDO_RELOAD_REFUSED'])
    const defects = [
      'RONDO_NONSENSE: this app has no such setting',
      'RONDO_CATCH_UP: it is among the arguments',
      'RONDO_QUARANTINE_AGE: expected',
      'RONDO_ENVIRONMENT was changed',
      'pulse.yaml',
    ]
    for (const defect of defects) expect(body['message']).toContain(defect)
    const command = await rondo('reload', '--url', app.url)
    expect([command.code, command.messages]).toEqual([1, expect.stringContaining('RONDO_RELOAD_REFUSED')])
    expect((await audit(app)).map(({ kind }) => kind)).toEqual(['reload-refused', 'reload-refused'])
    // Of what was good, nothing was taken over.
    settingsAre('RONDO_LOG_LEVEL=info')
    expect((await reload(app)).body).toMatchObject({ code: 'RONDO_RELOAD_REFUSED' })
  })

  it('loses no event while it reloads again and again, also at the same time', async () => {
    const app = await startReloadable()
    const visit = (n: number) => post(`${app.url}/v1/track`, { event: 'Visit', userId: `u${n}`, messageId: `m${n}` })
    const reloads = async (by: number): Promise<void> => {
      for (let n = 0; n < 5; n++) {
        settingsAre(`RONDO_STALL=${60 + by + n}s`, `RONDO_CONNECTIONS_MAX=${5000 + n}`)
        expect((await reload(app)).status).toBe(200)
      }
    }
    const events = Array.from({ length: 200 }, (_, n) => visit(n))
    await Promise.all([reloads(0), reloads(10)])
    expect((await Promise.all(events)).map(({ status }) => status)).toEqual(events.map(() => 200))
    await eventually(
      async () => ((await (await fetch(`${app.url}/v1/cycles/pulse/stages`)).json()) as { total: number }).total,
      (total) => total === 200,
    )
    expect((await audit(app)).filter(({ kind }) => kind === 'reloaded')).toHaveLength(10)
  })
})
