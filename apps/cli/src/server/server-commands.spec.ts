import { readFileSync } from 'node:fs'
import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { CycleDefinition } from '#contracts'
import { readDefinition } from '#cycle'
import { textLogger } from '#process'
import { SimulatedClock } from '#runtime'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { DAY, FilledFolder, START } from '../../../../test/fixtures/serving/filled-folder.ts'
import { listen, newApp } from '../../../nest/src/http-app.ts'
import { ServingModule } from '../../../serving/src/serving.module.ts'
import { runCommand } from '../command-line.ts'
import { asRondoError, exitCodeOf, failureText } from '../failure.ts'
import { TextOutput } from '../text-output.ts'

const definition = readDefinition(readFileSync('deploy/cycles/shopper.yaml', 'utf8'), 'shopper.yaml').definition as CycleDefinition

/** A stream that keeps what is written to it. */
class MemoryStream extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}

/** A running command, as its user sees it. */
function rondo(args: readonly string[], options: { colours?: boolean } = {}) {
  const [out, err, stop] = [new MemoryStream(), new MemoryStream(), new AbortController()]
  const output = new TextOutput('standard output', () => out)
  const terminal = { version: '1.2.3', input: (async function* () {})(), output, messages: err, clock: new SimulatedClock(), stop: stop.signal, ...options }
  const ended = runCommand(args, terminal)
    .catch((error: unknown) => {
      err.write(failureText(asRondoError(error)))
      return exitCodeOf(asRondoError(error))
    })
    .then(async (code) => {
      await output.flush()
      return { code, output: out.text, messages: err.text }
    })
  return { out, err, ended, stop: () => stop.abort() }
}

const until = (holds: () => boolean): Promise<boolean> => eventually(holds, Boolean)

describe('a command that asks a server', () => {
  let filled: FilledFolder
  let app: NestFastifyApplication
  let port = 0
  let url: string
  const requests: string[] = []

  async function open(): Promise<void> {
    const module = ServingModule.register({ folder: filled.folder, definitions: [definition], clock: new SimulatedClock(START + 400 * DAY) })
    const host = '127.0.0.1'
    app = await newApp(module, { host }, textLogger)
    url = await listen(app, { host, port })
    requests.length = 0
    app.getHttpServer().on('request', ({ url: path }: IncomingMessage) => requests.push(path ?? ''))
    port = Number(new URL(url).port)
  }

  beforeEach(async () => {
    port = 0
    filled = new FilledFolder(definition)
    await filled.order('a', 0).order('a', 10).order('b', 10).tick(20).commit()
    await open()
  })
  afterEach(async () => {
    await app.close()
    await filled.close()
  })

  describe('explain', () => {
    it('shows the stage of an actor and its history, newest first', async () => {
      const { code, output } = await rondo(['explain', 'a', '--url', url]).ended
      expect(output.split('\n')).toEqual([
        'user a: Came again since 2026-01-11 00:00:00 UTC',
        'as of 2026-01-21 00:00:00 UTC',
        '',
        '2026-01-11 00:00:00  user a moved on, from Occasional to Came again: ordered again within 90 days (Days with an order in 90 days: 2)',
        '                     - Days with an order in 90 days: 2, last by e2, e1',
        '                     - caused by event e2',
        '                     - rule came-again, cause purchase',
        '2026-01-01 00:00:00  user a began at Occasional: first order',
        '                     - caused by event e1',
        '                     - rule first-order, cause purchase',
        '',
      ])
      expect(code).toBe(0)
    })

    it('shows as many outputs as its option allows, over several pages', async () => {
      for (let day = 400; day < 400 + 600 * 200; day += 200) filled.order('c', day)
      await filled.commit()
      const receipts = (output: string) => output.split('\n').filter((line) => /^\d{4}-/.test(line)).length
      const some = await rondo(['explain', 'c', '--limit', '3', '--url', `${url}/`]).ended
      expect(receipts(some.output)).toBe(3)
      expect(some.output).toContain('There is more: --limit shows it.')
      const all = await rondo(['explain', 'c', '--limit', '100000', '--url', url]).ended
      expect(receipts(all.output)).toBeGreaterThan(600)
      expect(new Set(all.output.split('\n').filter((line) => /^\d{4}-/.test(line))).size).toBe(receipts(all.output))
      expect(all.output).not.toContain('There is more')
    })

    it('reports an unknown actor in a sentence', async () => {
      expect(await rondo(['explain', 'nobody/%', '--url', url]).ended).toEqual({
        code: 1,
        output: '',
        messages: 'rondo: There is no user nobody/% here, and no event of it in the newest part of the log. (RONDO_NOT_FOUND)\n',
      })
      expect((await rondo(['explain', 'a', '--type', 'band', '--url', url]).ended).messages).toContain('There is no band a here, and no event of it')
    })

    it('shows ids without control characters', async () => {
      await filled.order('esc\u001b[2J', 30).commit()
      expect((await rondo(['explain', 'esc\u001b[2J', '--url', url]).ended).output).toMatch(/^user esc\ufffd\[2J: /)
      expect((await rondo(['explain', 'no\u001b[2J', '--url', url]).ended).messages).toBe(
        'rondo: There is no user no\ufffd[2J here, and no event of it in the newest part of the log. (RONDO_NOT_FOUND)\n',
      )
    })

    it('refuses an empty id', async () => {
      const { code, messages } = await rondo(['explain', '', '--url', url]).ended
      expect({ code, messages }).toEqual({ code: 2, messages: 'rondo: Expected the id of an actor, found "". (RONDO_ARGUMENT_INVALID)\n' })
    })

    it.each(['.', '..', '%2e%2e', 'a/../b'])('shows the actor %j, whose id cannot be the last part of a path', async (id) => {
      await filled.order(id, 30).commit()
      const { code, output } = await rondo(['explain', id, '--url', url]).ended
      expect([code, output.split(': ')[0]]).toEqual([0, `user ${id}`])
    })
  })

  describe('tail', () => {
    it('prints new outputs, ends when it is stopped, and prints the cursor for the next call', async () => {
      const tail = rondo(['tail', '--url', url])
      await until(() => requests.some((path) => path.includes('wait=')))
      await filled.order('c', 30).commit()
      await until(() => tail.out.text !== '')
      await filled.order('c', 40).commit()
      await until(() => tail.out.text.split('\n').length > 2)
      tail.stop()
      expect(await tail.ended).toEqual({
        code: 0,
        output:
          '2026-01-31 00:00:00  user c began at Occasional: first order\n' +
          '2026-02-10 00:00:00  user c moved on, from Occasional to Came again: ordered again within 90 days (Days with an order in 90 days: 2)\n',
        messages: 'rondo: ended; continue with --after 5.\n',
      })
    })

    it('begins after a cursor; writes JSON lines to a pipe, and colours to a terminal', async () => {
      const json = rondo(['tail', '--after', '1', '--json', '--url', url])
      await until(() => json.out.text.split('\n').length > 2)
      json.stop()
      const lines = (await json.ended).output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines.map(({ cursor, output }) => [cursor, output.actor.id, output.to])).toEqual([
        [2, 'a', 'interaction'],
        [3, 'b', 'connection'],
      ])
      await filled.tick(400).commit()
      const coloured = rondo(['tail', '--after', '3', '--url', url], { colours: true })
      await until(() => coloured.out.text.includes('went away'))
      coloured.stop()
      expect((await coloured.ended).output).toContain('\u001b[31muser b went away, from Occasional to Away: silent for 180 days\u001b[0m\n')
      expect(json.out.text).not.toContain('\u001b')
    })

    it('waits for a server that does not answer, and misses no output', async () => {
      const tail = rondo(['tail', '--url', url])
      await until(() => requests.some((path) => path.includes('wait=')))
      await app.close()
      await until(() => tail.err.text.includes('does not answer any more'))
      await filled.order('d', 50).commit()
      await open()
      await until(() => tail.out.text.includes('user d began'))
      tail.stop()
      const { messages } = await tail.ended
      expect(messages).toBe(
        `rondo: ${url} does not answer any more; waiting for it to come back.\nrondo: ${url} answers again.\nrondo: ended; continue with --after 4.\n`,
      )
    })
  })

  describe.each([['explain', 'a'], ['tail']])('%s', (...command) => {
    let other: HttpServer | undefined
    afterEach(() => void other?.close())

    it('reports that no server answers', async () => {
      await app.close()
      const { code, output, messages } = await rondo([...command, '--url', url]).ended
      expect({ code, output }).toEqual({ code: 1, output: '' })
      expect(messages).toBe(
        `rondo: No server answers at ${url}: no process listens there. Start it with rondo start, or give another address with --url. (RONDO_SERVER_UNREACHABLE)\n`,
      )
    })

    it.each([
      [200, 'hello'],
      [200, '{"items":[]}'],
      [404, '<h1>Not found</h1>'],
    ])('reports that the answer %i %s is not from Rondo', async (status, body) => {
      other = createServer((_request, response) => response.writeHead(status).end(body))
      await new Promise<void>((resolve) => other?.listen(0, '127.0.0.1', resolve))
      const { code, messages } = await rondo([...command, '--url', `http://127.0.0.1:${(other.address() as AddressInfo).port}`]).ended
      expect(code).toBe(1)
      expect(messages).toMatch(/is not a Rondo: .*RONDO_SERVER_UNREACHABLE\)\n$/)
    })

    it('reports a server that does not speak HTTPS', async () => {
      const { code, messages } = await rondo([...command, '--url', url.replace('http:', 'https:')]).ended
      expect(code).toBe(1)
      expect(messages).toMatch(/^rondo: No server answers at https:\S+: the server there does not speak HTTPS\. .*\n$/)
    })

    it.each(['localhost:8080', 'ftp://x', 'http://', ''])('refuses %j as an address', async (address) => {
      const { code, messages } = await rondo([...command, '--url', address]).ended
      expect(code).toBe(2)
      expect(messages).toContain('--url: expected an address such as http://127.0.0.1:8080')
    })
  })

  it('reports arguments that it cannot use', async () => {
    expect(await rondo(['tail', '--after', 'yesterday', '--url', url]).ended).toMatchObject({ code: 2, output: '' })
    expect(await rondo(['explain', 'a', '--limit', '0', '--url', url]).ended).toMatchObject({ code: 2, output: '' })
    expect(await rondo(['explain', '--url', url]).ended).toMatchObject({ code: 2, output: '' })
  })
})
