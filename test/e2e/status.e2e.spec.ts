import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'
import { post, type RunningApp, startApp } from '../fixtures/processes/running-app.ts'

let home: TemporaryFolder
let app: RunningApp
beforeAll(async () => {
  home = temporaryFolder()
  app = await startApp({ args: ['--data', home.path, '--catch-up', '0s'] })
})
afterAll(async () => {
  await app?.stop()
  home?.[Symbol.dispose]()
})

const ofServer = () => rondo(['status', '--url', app.url])
const ofFolder = async () => JSON.parse((await rondo(['status', '--data', home.path, '--json'])).stdout) as Record<string, unknown>

describe('rondo status', () => {
  it('of a running Rondo shows its cycle, what became of events and quarantine, and ends with 0', async () => {
    const purchase = { type: 'track', userId: 'ann', event: 'Order Completed', messageId: 'm1', properties: { cds: 1, dollars: 5 } }
    await post(`${app.url}/v1/batch`, { batch: [purchase, purchase, { ...purchase, messageId: 'm2', event: 7 }] })
    const { code, stdout: output } = await eventually(ofServer, ({ stdout: text }) => /all is well.*partition 0: log time .*1 applied, 1 copies/s.test(text))
    expect(output).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+: all is well\ncycle shopper:\n {2}partition 0: log time \S+, \d+ s old\n {2}events: 1 applied, 1 copies\n/,
    )
    expect(output).toMatch(/\nquarantine: 1 open, 1 kept, \d+ bytes\n$/)
    expect(code).toBe(0)
  })

  it('of one cycle shows that one alone, and refuses one that is not there', async () => {
    const shown = await rondo(['status', '--url', app.url, '--cycle', 'shopper', '--json'])
    expect((JSON.parse(shown.stdout) as { cycles: unknown[] }).cycles).toEqual([expect.objectContaining({ cycle: 'shopper' })])
    expect(await rondo(['status', '--url', app.url, '--cycle', 'shoper'])).toMatchObject({
      code: 2,
      stderr: 'rondo: --cycle: there is no cycle "shoper" here. There is: shopper. (RONDO_ARGUMENT_INVALID)\n',
    })
  })

  it('of the folder shows the same while the process runs, and after it has ended', async () => {
    const expected = {
      cycles: [expect.objectContaining({ cycle: 'shopper', events: expect.objectContaining({ applied: 1, duplicate: 1 }) })],
      quarantine: expect.objectContaining({ records: 1 }),
      attention: [],
    }
    expect(await ofFolder()).toMatchObject({ ...expected, isLive: true })
    await app.kill()
    expect((await rondo(['status', '--data', home.path])).code).toBe(0)
    expect(await ofFolder()).toMatchObject(expected)
  })

  it('fails with a reason if nothing answers, if no Rondo has used the folder, and if two are named', async () => {
    expect(await rondo(['status', '--url', app.url])).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('RONDO_SERVER_UNREACHABLE') })
    const missing = `${home.path}/nothing`
    expect(await rondo(['status', '--data', missing])).toMatchObject({ code: 2, stderr: expect.stringContaining('no Rondo has used this folder') })
    expect(await rondo(['status', '--data', missing, '--brokers', 'a:1'])).toMatchObject({ code: 2, stderr: expect.stringContaining('expected only one') })
  })
})
