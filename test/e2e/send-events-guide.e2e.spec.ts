import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { clientSdks } from '../../scripts/client-sdks.ts'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { blocks } from '../fixtures/page-blocks.ts'
import { launchChromium } from '../fixtures/processes/chromium.ts'
import { clientPython, linkClientSdks } from '../fixtures/processes/client-process.ts'
import { type RunningApp, startApp } from '../fixtures/processes/running-app.ts'
import { WebSite } from '../fixtures/processes/web-site.ts'

const PAGE = 'docs/guides/send-events.md'
/** The address in the page, which the test replaces by the address of its own Rondo. */
const ADDRESS = '127.0.0.1:8080'
/** Without a limit the test would block, and Jest could not end it. */
const HANGS_MS = 150_000

const run = promisify(execFile)
const folder = temporaryFolder()
const [makeKey = '', send = '', explain = '', bad = '', unauthorized = '', makeWebKey = '', repeat = '', ...more] = blocks(PAGE, 'sh')
const answers = blocks(PAGE, 'json').map((block) => JSON.parse(block) as object)
let app: RunningApp
const env: Record<string, string> = {}

beforeAll(async () => {
  linkClientSdks(folder.path)
  app = await startApp({ args: ['--keys', 'required', '--data', join(folder.path, 'shop')] })
  env['RONDO_KEY'] = /rondo_admin_\w+/.exec(app.output)?.[0] ?? ''
  env['WRITE_KEY'] = await shell(`${makeKey}printf %s "$WRITE_KEY"`)
})
afterAll(async () => {
  await app.stop()
  folder[Symbol.dispose]()
})

const here = (block: string): string => block.replaceAll(ADDRESS, new URL(app.url).host)
const program = async (command: string, ...args: string[]): Promise<string> => {
  const { stdout } = await run(command, args, { cwd: folder.path, env: { ...process.env, ...env }, timeout: HANGS_MS })
  return stdout
}
const shell = (block: string): Promise<string> => {
  const rondo = `"${process.execPath}" "${join(root, 'apps', 'cli', 'bin', 'rondo.js')}"`
  return program('sh', '-e', '-c', here(block).replaceAll(/npx rondo (key create|explain \S+)/g, `${rondo} $1 --url ${app.url}`))
}

/** Writes a block as a file, and runs it. */
const runFile = (name: string, block: string, command: string, ...args: string[]): Promise<string> => {
  writeFileSync(join(folder.path, name), here(block))
  return program(command, ...args, join(folder.path, name))
}

/** The actor of a block, whose id ends with -1 in each of them. */
const actorIn = (block: string): string => /["']([a-z-]+-1)["']/.exec(block)?.[1] ?? ''

/** Whether the order of the actor is in the history, with the key's source. */
async function expectOrderOf(block: string): Promise<void> {
  const headers = { authorization: `Bearer ${env['RONDO_KEY']}` }
  const answer = await eventually(
    async () => (await (await fetch(`${app.url}/v1/actors/user/${actorIn(block)}`, { headers })).json()) as { stage?: string },
    ({ stage }) => stage !== undefined,
  )
  expect(answer).toMatchObject({ stage: 'connection', actor: { id: actorIn(block) }, history: [{ output: { rule: 'first-order' } }] })
}

describe('the commands of the guide on sending events', () => {
  it('make a key, send an event, and show what became of it', async () => {
    expect(env['WRITE_KEY']).toMatch(/^rondo_write_/)
    expect(JSON.parse(await shell(send))).toEqual(answers[0])
    const shown = await eventually(
      () => shell(explain).catch(String),
      (text) => text.includes('began at'),
    )
    const [expected = ''] = blocks(PAGE, 'text')
    for (const line of expected.trim().split('\n')) expect(shown).toContain(line.replace(/^…|…$/g, '').trim())
  })

  it('get the errors that the guide shows', async () => {
    expect(JSON.parse(await shell(bad))).toEqual(answers[1])
    expect(JSON.parse(await shell(unauthorized))).toEqual({ ...answers[2], requestId: expect.stringMatching(/^[\w-]{22}$/) })
  })

  it('repeat until they are accepted', async () => {
    expect(JSON.parse(await shell(repeat))).toEqual(answers[0])
    await expectOrderOf(repeat.replaceAll('"', "'"))
  })

  it('are all run by a test', () => expect([more, answers.length]).toEqual([[], 3]))
})

describe('the programs of the guide on sending events', () => {
  const forNode = blocks(PAGE, 'js').filter((block) => !block.includes("from 'kafkajs'"))

  it.each(forNode.map((block) => [actorIn(block), block]))('in Node, %s, sends an order', async (actor, block) => {
    expect(await runFile(`${actor}.mjs`, block, process.execPath)).toBe('')
    await expectOrderOf(block)
  })

  it.each(blocks(PAGE, 'python').map((block) => [actorIn(block), block]))('in Python, %s, sends an order', async (actor, block) => {
    expect(await runFile(`${actor}.py`, block, clientPython)).toBe('')
    await expectOrderOf(block)
  })

  it.each(blocks(PAGE, 'java').map((block) => [actorIn(block), block]))('in Java, %s, sends an order', async (_actor, block) => {
    await runFile('SendOrder.java', block, 'java', '-cp', join(clientSdks, 'java', '*'))
    await expectOrderOf(block)
  })

  it.each(blocks(PAGE, 'html').map((block) => [actorIn(block), block]))('in a page, %s, sends an order', async (_actor, block) => {
    const [site, browser] = [await WebSite.open(), await launchChromium()]
    try {
      const key = await shell(makeWebKey.replace('https://shop.example', site.origin))
      site.show(here(block).replace('rondo_write_…', key.trim()))
      const page = await browser.newPage()
      await page.goto(site.origin)
      await expectOrderOf(block)
    } finally {
      await Promise.all([browser.close(), site.close()])
    }
  })
})
