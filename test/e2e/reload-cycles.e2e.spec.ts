import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { readDefinition } from '#cycle'
import { readCycles } from '../durability/folder-contents.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/command-in-process.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'

const { path, start } = pulseAppsForTests()
const cycleFile = (name: string): string => path(`cycles/${name}.yaml`)
const named = (cycle: string, changed = PULSE): string => changed.replace('cycle: pulse', `cycle: ${cycle}`)
const put = (cycle: string, text = named(cycle)): void => {
  writeFileSync(path('new'), text)
  renameSync(path('new'), cycleFile(cycle))
}
const args = (...more: string[]): string[] => ['--data', path('data'), '--definition', path('cycles'), '--catch-up', '0s', ...more]
const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T
const visit = (app: RunningApp, n: number) => post(`${app.url}/v1/track`, { event: 'Visit', userId: `u${n}`, messageId: `m${n}` })
const totalOf = (app: RunningApp, cycle: string) => async () => (await json<{ total: number }>(`${app.url}/v1/cycles/${cycle}/stages`)).total
const reload = (app: RunningApp) => post(`${app.url}/v1/reload`, '')
const statesIn = (): string[] => readdirSync(path('data')).filter((name) => /^state.*\.db$/.test(name))

beforeEach(() => {
  mkdirSync(path('cycles'))
  put('pulse')
})

describe('a definition that is new in the folder', () => {
  it('is folded over the stored log beside the running cycle at a reload, shown, and continued at the next start', async () => {
    const app = await start({ args: args() })
    for (let n = 0; n < 20; n++) expect((await visit(app, n)).status).toBe(200)
    put('second')
    put('third')
    const made = await rondo('reload', '--url', app.url)
    expect([made.code, made.messages]).toEqual([0, expect.stringContaining(`  cycle second added from ${cycleFile('second')}\n`)])
    for (const cycle of ['second', 'third']) expect(await eventually(totalOf(app, cycle), (total) => total === 20)).toBe(20)
    expect((await visit(app, 20)).status).toBe(200)
    for (const cycle of ['pulse', 'second', 'third']) await eventually(totalOf(app, cycle), (total) => total === 21)
    expect((await json<{ items: { cycle: string }[] }>(`${app.url}/v1/cycles`)).items.map(({ cycle }) => cycle)).toEqual(['pulse', 'second', 'third'])
    // Readers of the new feed get its history from the first event on.
    const feed = await json<{ items: { output: { cycle: string; seq: number } }[] }>(`${app.url}/v1/transitions?cycle=second&limit=5`)
    expect(feed.items[0]?.output).toMatchObject({ cycle: 'second', seq: 1 })
    expect((await fetch(`${app.url}/v1/health/ready`)).status).toBe(200)
    expect(await app.metrics()).toMatch(/^rondo_actors\{[^}]*cycle="third"[^}]*\} 21$/m)
    expect(await app.metrics()).toMatch(/^rondo_stage_actors\{cycle="second"/m)
    const { items } = await json<{ items: { changes: { name: string }[] }[] }>(`${app.url}/v1/audit`)
    expect(items[0]?.changes.map(({ name }) => name)).toEqual(['cycle second', 'cycle third'])
    expect((await reload(app)).body).toEqual({ changes: [] })
    expect(await app.stop()).toBe(0)
    const again = await start({ args: args() })
    expect(await eventually(totalOf(again, 'second'), (total) => total === 21)).toBe(21)
    expect(await again.stop()).toBe(0)
    const definitions = ['pulse', 'second', 'third'].map((cycle) => readDefinition(named(cycle), '').definition as never)
    for (const { feed: published, straight } of await readCycles(path('data'), definitions)) expect(published).toEqual(straight)
  })

  it('is added where the file of settings names it, and one that is not named any more is refused', async () => {
    const [first, second] = [cycleFile('pulse'), cycleFile('second')]
    put('second')
    writeFileSync(path('rondo.env'), `RONDO_DEFINITION=${first}\n`)
    const app = await start({ args: ['--data', path('data'), '--settings', path('rondo.env')] })
    writeFileSync(path('rondo.env'), `RONDO_DEFINITION=${first},${second}\n`)
    expect((await reload(app)).body).toEqual({
      changes: [
        { name: 'RONDO_DEFINITION', change: `from ${first} to ${first},${second}` },
        { name: 'cycle second', change: `added from ${second}` },
      ],
    })
    writeFileSync(path('rondo.env'), `RONDO_DEFINITION=${second}\n`)
    expect((await reload(app)).body['message']).toContain('The cycle pulse runs, and')
  })

  it('takes part in nothing where one part of the reload is wrong: no state, no cycle', async () => {
    const app = await start({ args: args() })
    const refused = async (part: string): Promise<void> => {
      const { status, body } = await reload(app)
      expect([status, body['code'], body['message']]).toEqual([409, 'RONDO_RELOAD_REFUSED', expect.stringContaining(part)])
      expect(statesIn()).toEqual(['state.db'])
      expect((await json<{ items: unknown[] }>(`${app.url}/v1/cycles`)).items).toHaveLength(1)
    }
    put('second')
    put('third', 'cycle: third\nversion: 1\n')
    await refused('third.yaml has defects')
    put('third', named('SECOND'))
    await refused('These cycles have one name: second in')
    rmSync(cycleFile('third'))
    put('pulse', PULSE.replace('absence: 2s', 'absence: 3s'))
    await refused('the cycle pulse runs with other rules')
    put('pulse')
    // It would decide the type of rows without one after the next start.
    put('another', named('another', PULSE.replace('actor: user', 'actor: artist')))
    await refused('the cycle another would be the first one')
    rmSync(cycleFile('another'))
    put('third')
    writeFileSync(path('data/state-third.db'), 'a text of another program '.repeat(10))
    const { body } = await reload(app)
    expect(body['message']).toContain('state-third.db is not a data file of Rondo')
    expect(readFileSync(path('data/state-third.db'), 'utf8')).toContain('another program')
    rmSync(path('data/state-third.db'))
    expect((await reload(app)).status).toBe(200)
    expect(statesIn()).toEqual(['state-second.db', 'state-third.db', 'state.db'])
  })

  it('has the bytes of one fold of the log when the process is killed in the middle of the reload', async () => {
    const cycles = ['pulse']
    for (const aim of ['reload enter', 'reload leave', 'answered']) {
      writeFileSync(path('faults'), '')
      const app = await start({ args: args(), env: { RONDO_FAULT_LOG: path('faults'), RONDO_FAULT_HOLD: `${aim} 60000` } })
      for (let n = 0; n < 10; n++) expect((await visit(app, cycles.length * 100 + n)).status).toBe(200)
      const added = `added${cycles.length}`
      cycles.push(added)
      put(added)
      const answer = reload(app).catch(() => undefined)
      // Where nothing holds the reload, the kill comes while the new cycle is folded.
      if (aim === 'answered') await answer
      else await eventually(() => readFileSync(path('faults'), 'utf8').includes(' held\n'), Boolean)
      await app.kill()
      await answer
    }
    const last = await start({ args: args() })
    for (const cycle of cycles) expect(await eventually(totalOf(last, cycle), (total) => total === 30)).toBe(30)
    expect(await last.stop()).toBe(0)
    const definitions = cycles.map((cycle) => readDefinition(named(cycle), '').definition as never)
    for (const { feed, straight } of await readCycles(path('data'), definitions)) expect(feed).toEqual(straight)
  })
})
