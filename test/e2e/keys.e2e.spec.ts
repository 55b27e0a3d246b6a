import { afterEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/command-in-process.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { bearer, post, type RunningApp } from '../fixtures/processes/running-app.ts'

const ADMIN = /first admin key, which is shown only now: (rondo_admin_\w+)/
const TO_ONE = /listens on (http:\/\/127\.0\.0\.1:\d+)/
const TO_ALL = /listens on http:\/\/0\.0\.0\.0:(\d+)/

const { argsOf, path, start: startWith, launch } = pulseAppsForTests()
const start = (...args: string[]): Promise<RunningApp> => startWith({ args: argsOf(...args) })
afterEach(() => {
  delete process.env['RONDO_KEY']
})

/** Runs the command with a key in the environment. */
async function command(key: string | undefined, ...args: string[]) {
  if (key === undefined) delete process.env['RONDO_KEY']
  else process.env['RONDO_KEY'] = key
  return rondo(...args)
}

const visit = { event: 'Visit', userId: 'u1', messageId: 'm1' }

describe('a Rondo that needs keys', () => {
  it('makes an admin key at its first start, shows it once, and accepts all keys after a kill and a restart', async () => {
    const first = await start('--keys', 'required')
    const admin = ADMIN.exec(first.output)?.[1] ?? ''
    const { url } = first
    const made = await command(admin, 'key', 'create', '--role', 'write', '--name', 'shop', '--source', 'shop', '--url', url)
    expect([made.code, made.messages]).toEqual([0, expect.stringContaining('(shop) is made')])
    const write = made.output.trim()
    expect((await post(`${url}/v1/track`, visit, bearer(write))).status).toBe(200)
    await first.kill()

    const restarted = await start('--keys', 'required')
    expect(restarted.output + restarted.errors).not.toMatch(/rondo_admin_/)
    expect((await post(`${restarted.url}/v1/track`, visit, bearer(write))).status).toBe(200)
    expect(await post(`${restarted.url}/v1/track`, visit)).toMatchObject({ status: 401, body: { code: 'RONDO_KEY_MISSING', message: expect.any(String) } })
    expect((await fetch(`${restarted.url}/v1/transitions`)).status).toBe(401)
    expect((await fetch(`${restarted.url}/v1/health`)).status).toBe(200)
  })

  it('is administered with the command, which names the key that it needs', async () => {
    const app = await start('--keys', 'required')
    const admin = ADMIN.exec(app.output)?.[1] ?? ''
    const url = ['--url', app.url]
    expect((await command(undefined, 'key', 'list', ...url)).messages).toContain('Set RONDO_KEY in the environment')
    const read = (await command(admin, 'key', 'create', '--role', 'read', '--name', 'board', ...url)).output.trim()
    expect((await command(read, 'key', 'list', ...url)).messages).toContain('RONDO_KEY_SCOPE')
    const id = read.split('_')[2] ?? ''
    const next = (await command(admin, 'key', 'rotate', id, '--overlap', '1h', ...url)).output.trim()
    expect((await command(admin, 'key', 'revoke', id, ...url)).messages).toBe(`rondo: the read key ${id} (board) has ended.\n`)
    expect((await command(read, 'tail', ...url)).messages).toContain('RONDO_KEY_INVALID')
    expect((await command(next, 'explain', 'nobody', ...url)).messages).toContain('RONDO_NOT_FOUND')
    const { output } = await command(admin, 'key', 'list', ...url)
    expect(output.trimEnd().split('\n').length).toBe(3)
    expect(output).toMatch(new RegExp(`^${id} {2}read {3}ended \\S+ +board$`, 'm'))
    const last = admin.split('_')[2] ?? ''
    expect((await command(admin, 'key', 'revoke', last, ...url)).messages).toContain('is the last admin key')
    const bad = await command(admin, 'key', 'create', '--role', 'write', '--name', 'x', '--origin', 'shop.example', '--events-per-second', 'many', ...url)
    expect([bad.code, bad.messages]).toEqual([2, expect.stringMatching(/origins.*eventsPerSecond/)])
  })
})

describe('the first admin key', () => {
  it('is printed on standard output alone, never in the log', async () => {
    const app = await launch(argsOf('--keys', 'required', '--log'))
    const listening = (): string | undefined => TO_ONE.exec(app.errors)?.[1]
    const admin = await eventually(listening, Boolean).then(() => ADMIN.exec(app.output)?.[1] ?? '')
    expect([app.output.match(/rondo_admin_/g)?.length, app.errors.match(/rondo_admin_/g)]).toEqual([1, null])
    expect((await fetch(`${listening()}/v1/keys`, { headers: bearer(admin) })).status).toBe(200)
  })

  it('and all other keys are in no line of the log, at any level, in whatever part of a request they come', async () => {
    const app = await launch(argsOf('--keys', 'required', '--log-format', 'json', '--log-level', 'debug'))
    const url = await eventually(() => TO_ONE.exec(app.errors)?.[1] ?? '', Boolean)
    const admin = ADMIN.exec(app.output)?.[1] ?? ''
    const { body } = await post(`${url}/v1/keys`, { role: 'write', name: 'shop' }, bearer(admin))
    const write = String(body['text'])
    const basic = { authorization: `Basic ${Buffer.from(`${write}:`).toString('base64')}` }
    const answers = [
      await post(`${url}/v1/track`, visit, bearer(write)),
      await post(`${url}/v1/track`, visit, basic),
      await post(`${url}/v1/track`, visit, { 'x-write-key': write }),
      await post(`${url}/v1/import`, { writeKey: write, batch: [{ type: 'track', ...visit }] }),
      await post(`${url}/v1/track?writeKey=${write}`, visit),
      await post(`${url}/v1/track`, visit, { ...bearer(`${write}x`), 'x-request-id': `${write} ` }),
      await post(`${url}/${write}`, { ...visit, writeKey: write }),
      await post(`${url}/v1/track`, `{"writeKey":"${write}",`, bearer(write)),
      await post(`${url}/v1/track`, { ...visit, event: 7, properties: { key: write } }, bearer(write)),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 401, 401, 404, 400, 400])
    await app.stop()
    const lines = app.errors.split('\n').filter((line) => line.includes('was answered with'))
    expect(lines.length).toBeGreaterThanOrEqual(answers.length)
    for (const secret of [write, basic.authorization.slice('Basic '.length)]) expect([secret, app.errors.includes(secret)]).toEqual([secret, false])
    expect(app.errors).not.toMatch(/rondo_(admin|write|read)_/)
  })

  it('is replaced offline if it is lost: by the command, on the folder of a process that has ended', async () => {
    const create = ['key', 'create', '--role', 'admin', '--name', 'found', '--data', path('data')]
    const first = await start('--keys', 'required')
    expect(await command(undefined, ...create)).toMatchObject({ code: 1, output: '', messages: expect.stringMatching(/in use.*RONDO_DATA_LOCKED/) })
    await first.kill()
    const made = await command(undefined, ...create)
    expect(made).toMatchObject({ code: 0, output: expect.stringMatching(/^rondo_admin_\w+\n$/) })
    const restarted = await start('--keys', 'required')
    const audit = await fetch(`${restarted.url}/v1/audit`, { headers: bearer(made.output.trim()) })
    const { items } = (await audit.json()) as { items: unknown[] }
    expect(items).toMatchObject([
      { kind: 'key-created', by: 'offline', key: { name: 'found' } },
      { kind: 'key-created', by: 'start' },
    ])
    expect(restarted.output).not.toMatch(/rondo_admin_/)
  })

  it('is not made where the command has made an admin key before the first start', async () => {
    const made = await command(undefined, 'key', 'create', '--role', 'admin', '--name', 'ann', '--data', path('data'))
    const app = await start('--keys', 'required')
    expect([app.output, app.output.includes('admin key')]).toEqual([expect.stringContaining('listens on'), false])
    expect((await fetch(`${app.url}/v1/keys`, { headers: bearer(made.output.trim()) })).status).toBe(200)
  })

  it('is not made where requests need no key, and the start says so', async () => {
    const app = await start()
    expect([app.output.includes('Requests need no key, because only this machine reaches 127.0.0.1'), app.output.includes('rondo_admin_')]).toEqual([
      true,
      false,
    ])
  })
})

describe('a Rondo that other machines reach', () => {
  it('needs keys', async () => {
    const app = await launch(argsOf('--host', '0.0.0.0'))
    expect(await app.prints(TO_ALL)).toBe(true)
    const url = `http://127.0.0.1:${TO_ALL.exec(app.output)?.[1]}`
    const admin = ADMIN.exec(app.output)?.[1] ?? ''
    expect((await post(`${url}/v1/track`, visit)).status).toBe(401)
    expect((await post(`${url}/v1/track`, visit, bearer(admin))).status).toBe(200)
  })

  it('does not start without keys, and names what to do', async () => {
    const app = await launch(argsOf('--host', '0.0.0.0', '--keys', 'optional'))
    await app.ended
    expect([app.child.exitCode, app.errors]).toEqual([2, expect.stringMatching(/^rondo: --keys optional: other machines reach 0\.0\.0\.0.*leave --keys out/)])
  })
})
