import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { rondo } from '../../../../test/fixtures/processes/command-in-process.ts'
import { servedFolderForTests } from '../../../../test/fixtures/serving/served-folder.ts'

let home: TemporaryFolder
let into: string
beforeEach(() => {
  home = temporaryFolder()
  into = join(home.path, 'a', 'b')
})
afterEach(() => home[Symbol.dispose]())

const textOf = (name: string): string => readFileSync(join(into, name), 'utf8')

describe('rondo export', () => {
  const served = servedFolderForTests({ hasHistory: true })
  beforeEach(async () => {
    await served().filled.order('a', 0).order('b', 1).tick(5).commit()
    await served().follow({ traits: [['a', 'country', 'NL', 0]] })
  })
  const run = (...args: string[]) => rondo('export', '--url', served().url, '--into', into, ...args)

  it('writes all relations, or those that are named, in the format that is asked for', async () => {
    const all = await run()
    const names = ['transitions', 'stays', 'active', 'traits'].map((relation) => `shopper-${relation}.csv`)
    expect(all).toMatchObject({ code: 0, messages: '' })
    expect(all.output).toBe(names.map((name) => `${join(into, name)}  ${textOf(name).length} bytes\n`).join(''))
    expect(readdirSync(into).sort()).toEqual(names.sort())
    expect(textOf('shopper-stays.csv').trim().split('\n')).toHaveLength(3)
    expect(await run('transitions', '--as', 'ndjson', '--from', '2026-01-02', '--until', '2026-01-03')).toMatchObject({ code: 0 })
    expect(JSON.parse(textOf('shopper-transitions.ndjson'))).toMatchObject({ actor_id: 'b' })
    expect(await run('traits', '--as', 'parquet')).toMatchObject({ code: 0 })
    expect(textOf('shopper-traits.parquet')).toMatch(/^PAR1/)
  })

  it('keeps the files that are there already, unless they are to be replaced', async () => {
    mkdirSync(into, { recursive: true })
    writeFileSync(join(into, 'shopper-stays.csv'), 'mine')
    const kept = await run('stays', 'traits')
    expect(kept).toMatchObject({ code: 0, messages: `rondo: ${join(into, 'shopper-stays.csv')} is there already, and is kept; --replace writes it again.\n` })
    expect([textOf('shopper-stays.csv'), textOf('shopper-traits.csv')]).toEqual(['mine', expect.stringContaining('country,NL')])
    expect(await run('stays', '--replace')).toMatchObject({ code: 0, messages: '' })
    expect(textOf('shopper-stays.csv')).toContain('user,a,1,connection')
  })

  it.each([
    ['people', 'there are transitions, stays, active, traits'],
    ['--as xlsx', '--as: expected one of csv, ndjson, parquet'],
    ['--from yesterday', '--from: expected a time'],
    ['--from 2026-02-01 --until 2026-01-01', 'expected a range that begins before it ends'],
    ['--cycle other', 'has no cycle "other"'],
  ])('refuses %s', async (args, reason) => {
    const { code, messages } = await run(...args.split(' '))
    expect([code > 0, messages]).toEqual([true, expect.stringContaining(reason)])
  })

  it('says what prevents writing', async () => {
    writeFileSync(join(home.path, 'a'), 'a file')
    expect(await run('stays')).toMatchObject({ code: 2, messages: expect.stringContaining('cannot be used') })
  })
})

describe('rondo export from a server that', () => {
  let server: Server
  let exports = 0
  let answers: ((path: string) => { readonly status?: number; readonly bytes?: number; readonly body: string; readonly isCut?: boolean })[]
  beforeEach(async () => {
    exports = 0
    server = createServer((request, response) => {
      if (request.url === '/v1/cycles') {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ items: [{ cycle: 'shopper', title: 'Shoppers', actor: 'user', timezone: 'UTC' }] }))
        return
      }
      const { status = 200, body, bytes = body.length, isCut = false } = (answers[exports++] as (typeof answers)[number])(request.url ?? '')
      response.writeHead(status, { 'content-length': bytes, connection: 'close' })
      if (isCut) response.write(body, () => response.destroy())
      else response.end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => void server.close())
  const run = () => rondo('export', 'stays', '--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--into', into)

  it('breaks off or sends others first is asked again, and no half of a file gets the name', async () => {
    answers = [
      () => ({ body: 'actor_type,', bytes: 100, isCut: true }),
      () => ({ status: 503, body: JSON.stringify({ code: 'RONDO_OVERLOADED', detail: 'Two exports are being sent.' }) }),
      () => {
        expect(readdirSync(into)).toEqual([])
        return { body: 'actor_type,actor_id\n' }
      },
    ]
    const { code, messages } = await run()
    expect([code, exports, readdirSync(into), textOf('shopper-stays.csv')]).toEqual([0, 3, ['shopper-stays.csv'], 'actor_type,actor_id\n'])
    expect(messages).toMatch(/does not answer any more: .* It is asked again\.\nrondo: .* answers again\.\n$/)
  })

  it('closes the connection behind its answer is read to the end, however slowly', async () => {
    // More than the buffers of both sides hold, so that the reader is behind when the connection ends.
    const body = 'actor_type,actor_id\n'.repeat(400_000)
    answers = [() => ({ body })]
    expect(await run()).toMatchObject({ code: 0, messages: '' })
    expect(textOf('shopper-stays.csv') === body).toBe(true)
  })

  it('has no history is not asked again', async () => {
    answers = [() => ({ status: 503, body: JSON.stringify({ code: 'RONDO_HISTORY_UNAVAILABLE', detail: 'No history is kept here.' }) })]
    expect(await run()).toMatchObject({ code: 1, messages: 'rondo: No history is kept here. (RONDO_HISTORY_UNAVAILABLE)\n' })
    expect(readdirSync(into)).toEqual([])
  })
})
