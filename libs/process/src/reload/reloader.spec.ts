import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { type Reload, type ReloadRefused, RondoError } from '#contracts'
import { SimulatedClock, temporaryFolder } from '#runtime'
import { duration, integer, type Reading, readConfiguration } from '../settings/configuration.ts'
import { readLiveDefinitions } from '../settings/live-definition.ts'
import { live } from '../settings/live-setting.ts'
import { orFromFile, secret } from '../settings/secret-setting.ts'
import { definitionsPart } from './definitions-part.ts'
import type { PreparedChange } from './reload-part.ts'
import { Reloader } from './reloader.ts'

const settings = {
  port: integer(0, 65_535).prefault('8080').describe('a port'),
  stall: live(duration('1s', '1d').prefault('60s').describe('a duration')),
  rate: live(integer(1, 1_000_000).prefault('1000').describe('a number')),
}
type Shape = typeof settings

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

let variables: Record<string, string>
let applied: [string, unknown][]
let acts: (Reload | ReloadRefused)[]
let prepare: () => Promise<PreparedChange | undefined>
let warnings: string[]
let reloader: Reloader<Shape>

const read = (): Reading<Shape> => readConfiguration(settings, [], (name) => variables[name])
const defectsOf = ({ defects }: Pick<Reading<Shape>, 'defects'>): RondoError[] => defects.map((defect) => new RondoError('RONDO_ARGUMENT_INVALID', defect))
const logger = { info() {}, warn: (text: string) => void warnings.push(text) }
const part = (change: string): PreparedChange => ({ changes: [{ name: 'source orders', change }], apply: () => void applied.push(['source', change]) })

beforeEach(() => {
  variables = { RONDO_STALL: '60s' }
  applied = []
  acts = []
  warnings = []
  prepare = async () => undefined
  reloader = new Reloader({ settings, running: read(), read, defectsOf, app: 'ingest', logger, clock: new SimulatedClock(0) })
  reloader.begin({
    live: { stall: (ms) => applied.push(['stall', ms]), rate: (rate) => applied.push(['rate', rate]) },
    parts: [{ prepare: () => prepare() }],
    record: async (act) => void acts.push(act),
  })
})

describe('a reload', () => {
  it('applies what has changed, and records who did it and what', async () => {
    variables = { RONDO_STALL: '90s' }
    prepare = async () => part('added')
    const changes = [
      { name: 'RONDO_STALL', change: 'from 60s to 90s' },
      { name: 'source orders', change: 'added' },
    ]
    expect(await reloader.reload('0a1b2c3d4e5f')).toEqual(changes)
    expect(applied).toEqual([
      ['stall', 90_000],
      ['source', 'added'],
    ])
    expect(acts).toEqual([{ kind: 'reloaded', at: '1970-01-01T00:00:00.000Z', by: '0a1b2c3d4e5f', app: 'ingest', changes }])
  })

  it.each([
    ['a setting that cannot be read', { RONDO_STALL: 'soon' }, 'RONDO_STALL: expected a duration'],
    ['a setting that needs a restart', { RONDO_PORT: '9090' }, 'RONDO_PORT was changed, which takes effect only at a restart'],
    ['a part that is wrong', { RONDO_STALL: '60s' }, 'The source has a defect'],
  ])('with %s changes nothing of what is good, and is recorded as refused', async (_, changed, defect) => {
    variables = { ...changed, RONDO_RATE: '7' }
    prepare = async () => {
      if (defect.startsWith('The source')) throw new RondoError('RONDO_SOURCES_INVALID', defect)
      return part('added')
    }
    await expect(reloader.reload('signal')).rejects.toMatchObject({ code: 'RONDO_RELOAD_REFUSED', message: expect.stringContaining(defect) })
    expect(applied).toEqual([])
    expect(acts).toMatchObject([{ kind: 'reload-refused', by: 'signal', defects: [expect.stringContaining(defect)] }])
    expect(warnings).toHaveLength(1)
    // The next one compares with what runs, not with what was refused.
    variables = { RONDO_STALL: '60s' }
    prepare = async () => undefined
    expect(await reloader.reload('signal')).toEqual([])
  })

  it('names every defect at once', async () => {
    variables = { RONDO_STALL: 'soon', RONDO_PORT: '9090', RONDO_RATE: '0' }
    prepare = () => Promise.reject(new RondoError('RONDO_SOURCES_INVALID', 'The source has a defect.'))
    const failure = await reloader.reload('signal').catch((error: RondoError) => error)
    expect((failure as RondoError).message.trimEnd().split('\n')).toEqual([
      'The reload is refused, and nothing has changed:',
      expect.stringContaining('RONDO_STALL: expected'),
      expect.stringContaining('RONDO_RATE: expected'),
      expect.stringContaining('RONDO_PORT was changed'),
      'The source has a defect. (RONDO_SOURCES_INVALID)',
    ])
  })

  it('lists the first defects and their number where there are many, in the act, the answer and the log', async () => {
    const many = (): RondoError[] => Array.from({ length: 5_000 }, (_, n) => new RondoError('RONDO_ARGUMENT_INVALID', `Defect ${n}: ${'x'.repeat(5_000)}`))
    const limited = new Reloader({ settings, running: read(), read, defectsOf: many, app: 'ingest', logger, clock: new SimulatedClock(0) })
    limited.begin({ live: { stall() {}, rate() {} }, record: async (act) => void acts.push(act) })
    const failure = (await limited.reload('signal').catch((error: unknown) => error)) as RondoError
    const [act] = acts as ReloadRefused[]
    expect([act?.defects.length, act?.defects.at(-1)]).toEqual([21, '4980 more defects are not listed'])
    for (const text of [JSON.stringify(acts), failure.message, ...warnings]) {
      expect(text).toContain('Defect 19: ')
      expect(text).toContain('4980 more defects are not listed')
      expect(text.length).toBeLessThan(45_000)
    }
  })

  it('takes a secret as changed with another text or another file, not with another text in its file', async () => {
    const [file, other] = [join(home.path, 'password'), join(home.path, 'other-password')]
    const address = join(home.path, 'address')
    for (const [path, text] of [
      [file, 'first secret'],
      [other, 'other secret'],
      [address, 'redis://a'],
    ] as const)
      writeFileSync(path, text)
    const secrets = { password: secret('a password'), server: orFromFile(z.string().prefault('').describe('an address')) }
    const readSecrets = () => readConfiguration(secrets, [], (name) => variables[name])
    const reloadOf = (running: Record<string, string>, change: () => void) => {
      variables = running
      const begun = new Reloader({
        settings: secrets,
        running: readSecrets(),
        read: readSecrets,
        defectsOf,
        app: 'ingest',
        logger,
        clock: new SimulatedClock(0),
      })
      begun.begin({ live: {}, record: async (act) => void acts.push(act) })
      change()
      return begun.reload('signal').catch(({ message }: RondoError) => message)
    }
    const ofFile = { RONDO_PASSWORD_FILE: file }
    // Each connection reads the file, so there is nothing to reload.
    expect(await reloadOf(ofFile, () => writeFileSync(file, 'next secret'))).toEqual([])
    const restart = expect.stringContaining('RONDO_PASSWORD (or RONDO_PASSWORD_FILE) was changed, which takes effect only at a restart')
    expect(await reloadOf(ofFile, () => (variables = { RONDO_PASSWORD_FILE: other }))).toEqual(restart)
    expect(await reloadOf({ RONDO_PASSWORD: 'one secret' }, () => (variables = { RONDO_PASSWORD: 'two secrets' }))).toEqual(restart)
    expect(await reloadOf(ofFile, () => writeFileSync(file, '\n'))).toEqual(
      expect.stringContaining(`RONDO_PASSWORD_FILE: the file ${file} cannot be used: it is empty`),
    )
    // An address is read once.
    expect(await reloadOf({ RONDO_SERVER_FILE: address }, () => writeFileSync(address, 'redis://b'))).toEqual(
      expect.stringContaining('RONDO_SERVER (or RONDO_SERVER_FILE) was changed'),
    )
    expect(JSON.stringify([acts, warnings])).not.toMatch(/secrets?"|redis:/)
  })

  it('is refused where the file of settings has lost all its settings, as while it is written', async () => {
    let count = 2
    const readFile = () => ({ ...read(), settingsFile: { path: 'rondo.env', count } })
    const filed = new Reloader({ settings, running: readFile(), read: readFile, defectsOf, app: 'ingest', logger, clock: new SimulatedClock(0) })
    filed.begin({ live: { stall: () => applied.push(['stall', 0]), rate() {} }, record: async (act) => void acts.push(act) })
    count = 0
    variables = {}
    await expect(filed.reload('signal')).rejects.toMatchObject({ message: expect.stringContaining('rondo.env has no setting now, and had 2') })
    expect([applied, acts.map(({ kind }) => kind)]).toEqual([[], ['reload-refused']])
    count = 1
    expect(await filed.reload('signal')).toEqual([])
  })

  it('that cannot be recorded changes nothing', async () => {
    let discarded = 0
    const failing = new Reloader({ settings, running: read(), read, defectsOf, app: 'ingest', logger, clock: new SimulatedClock(0) })
    const discard = async (): Promise<void> => {
      discarded += 1
    }
    failing.begin({
      live: { stall: () => applied.push(['stall', 0]), rate: () => applied.push(['rate', 0]) },
      parts: [{ prepare: async () => ({ ...part('added'), discard }) }],
      record: () => Promise.reject(new RondoError('RONDO_LOG_UNAVAILABLE', 'The log does not answer.', { retriable: true })),
    })
    variables = { RONDO_STALL: '90s' }
    await expect(failing.reload('signal')).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE' })
    expect([applied, discarded]).toEqual([[], 1])
  })

  it('comes after the one that was asked for before, and both are recorded', async () => {
    variables = { RONDO_STALL: '90s' }
    const [first, second] = await Promise.all([reloader.reload('signal'), reloader.reload('0a1b2c3d4e5f')])
    expect([first.length, second.length]).toEqual([1, 0])
    expect(acts.map((act) => [act.by, 'changes' in act ? act.changes.length : undefined])).toEqual([
      ['signal', 1],
      ['0a1b2c3d4e5f', 0],
    ])
    expect(applied).toHaveLength(1)
  })

  it('is refused while the app starts, and an app says what each live setting does', async () => {
    const starting = new Reloader({ settings, running: read(), read, defectsOf, app: 'ingest', logger, clock: new SimulatedClock(0) })
    await expect(starting.reload('signal')).rejects.toMatchObject({ code: 'RONDO_OVERLOADED' })
    const record = async (): Promise<void> => {}
    expect(() => starting.begin({ live: { stall() {} }, record })).toThrow(expect.objectContaining({ message: expect.stringContaining('rate') }))
  })
})

describe('the definitions of running cycles', () => {
  const file = join(home.path, 'one.yaml')
  const other = join(home.path, 'two.yaml')
  const cycle = (name: string, absence: string, title = 'Here'): string =>
    `cycle: ${name}\nversion: 1\nactor: user\ngrace: 10m\nstages:\n  - { id: here, title: ${title}, kind: active, absence: ${absence} }\n  - { id: gone, kind: lapsed }\nsignals:\n  visit: { event: Visit }\ntransitions:\n  - { id: first, from: start, to: here, trigger: visit }\n  - { id: silent, from: here, to: gone, trigger: absence }\n  - { id: back, from: gone, to: here, trigger: visit }\n`
  const prepared = async (definition: readonly string[]) => {
    writeFileSync(file, cycle('one', '30d'))
    const part = definitionsPart(readLiveDefinitions([file], { shortGrace: false }))
    return (text: string) => {
      writeFileSync(file, text)
      return part.prepare({ definition, shortGrace: false })
    }
  }

  it('are no change where the files are as they were', async () => {
    expect(await (await prepared([file]))(cycle('one', '30d'))).toBe(undefined)
  })

  it.each([
    ['other rules', cycle('one', '20d'), 'the cycle one runs with other rules'],
    ['other texts', cycle('one', '30d', 'Present'), 'only texts of the cycle one have changed'],
    ['another name', cycle('uno', '30d'), 'is not among the definitions any more'],
    ['a defect', 'cycle: one', 'has defects'],
  ])('are refused with %s', async (_, text, defect) => {
    await expect((await prepared([file]))(text)).rejects.toMatchObject({ message: expect.stringContaining(defect) })
  })

  it('are refused in another order, which a restart would take over', async () => {
    writeFileSync(file, cycle('one', '30d'))
    writeFileSync(other, cycle('two', '10d'))
    const part = definitionsPart(readLiveDefinitions([file, other], { shortGrace: false }))
    const reload = (...definition: string[]) => part.prepare({ definition, shortGrace: false })
    expect(await reload(file, other)).toBe(undefined)
    await expect(reload(other, file)).rejects.toMatchObject({
      message: expect.stringContaining('in another order: two, one; the cycles run in the order one, two'),
    })
  })

  it('are added where the app can add them, or none of them where one cannot be added', async () => {
    writeFileSync(file, cycle('one', '30d'))
    writeFileSync(other, cycle('two', '10d'))
    const third = join(home.path, 'three.yaml')
    writeFileSync(third, cycle('three', '10d'))
    const steps: string[] = []
    let refused = ''
    const part = definitionsPart(readLiveDefinitions([file], { shortGrace: false }), {
      async add({ cycle: { cycle: name } }) {
        if (name === refused) throw new RondoError('RONDO_DATA_FULL', 'The disk is full.')
        steps.push(`prepare ${name}`)
        return { apply: () => void steps.push(`apply ${name}`), discard: async () => void steps.push(`discard ${name}`) }
      },
    })
    const reload = (...definition: string[]) => part.prepare({ definition, shortGrace: false })
    refused = 'three'
    await expect(reload(file, other, third)).rejects.toMatchObject({ code: 'RONDO_DATA_FULL' })
    expect(steps.splice(0)).toEqual(['prepare two', 'discard two'])
    const change = await reload(file, other)
    expect(change?.changes).toEqual([{ name: 'cycle two', change: `added from ${other}` }])
    await change?.discard?.()
    expect(steps.splice(0)).toEqual(['prepare two', 'discard two'])
    await (await reload(file, other))?.apply()
    expect(steps).toEqual(['prepare two', 'apply two'])
    // It runs from now on.
    expect(await reload(file, other)).toBe(undefined)
    await expect(reload(file)).rejects.toMatchObject({ message: expect.stringContaining('The cycle two runs, and') })
    const first = join(home.path, 'first.yaml')
    writeFileSync(first, cycle('first', '10d').replace('actor: user', 'actor: artist'))
    await expect(reload(first, file, other)).rejects.toMatchObject({ message: expect.stringContaining('the cycle first would be the first one') })
    expect((await reload(file, other, first))?.changes).toHaveLength(1)
  })

  it('are refused with a cycle that does not run', async () => {
    const reload = await prepared([file, other])
    writeFileSync(other, cycle('two', '10d'))
    await expect(reload(cycle('one', '30d'))).rejects.toMatchObject({ message: expect.stringContaining('the cycle two does not run yet') })
  })
})
