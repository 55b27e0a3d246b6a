import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { TestServer } from '../../../../test/fixtures/http/test-server.ts'
import { rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const STAGES = '/v1/cycles/shopper/stages'
let server: TestServer
beforeEach(async () => {
  server = new TestServer()
  await server.open(true)
})
afterEach(async () => {
  delete process.env['RONDO_KEY']
  await server.close()
})

const run = (...args: string[]) => rondo('link', '--url', server.url, ...args)
async function useKey(role: string) {
  const { key, text } = await server.keys.create({ role, name: role }, 'command')
  process.env['RONDO_KEY'] = text
  return key
}

describe('rondo link', () => {
  it('prints a link that opens without a key, and says when it ends', async () => {
    await useKey('read')
    for (const address of [STAGES, `${server.url}${STAGES}`]) {
      const { code, output, messages } = await run(address, '--duration', '1h')
      expect([code, messages]).toEqual([0, expect.stringMatching(/^rondo: it ends at \d{4}-\S+Z, or with the key that signed it\.\n$/)])
      const answer = await fetch(output.trim())
      expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ cycle: 'shopper' })])
    }
  })

  it('is signed by the read key that an admin key names', async () => {
    const { id } = await useKey('read')
    await useKey('admin')
    expect(await run(STAGES)).toMatchObject({ code: 2, output: '', messages: expect.stringContaining('key: expected the id of the read key') })
    const { output } = await run(STAGES, '--key', id)
    expect((await fetch(output.trim())).status).toBe(200)
  })

  it.each([
    [[STAGES, '--duration', '31d'], 'duration'],
    [['/v1/keys'], 'path'],
    [['https://other.example/v1/cycles/shopper/stages'], 'Expected a path'],
  ])('refuses %j', async (args, reason) => {
    await useKey('read')
    expect(await run(...args)).toMatchObject({ code: 2, output: '', messages: expect.stringContaining(reason) })
  })
})
