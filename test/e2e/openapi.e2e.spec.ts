import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { root } from '../../scripts/root.ts'
import { schemathesisPython } from '../../scripts/schemathesis.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'

const { CI, RONDO_TEST_LONG, RONDO_TEST_SEED } = process.env
const isLong = RONDO_TEST_LONG === '1'
/** Generated requests for each operation, beside those that are derived from each limit of its schemas. */
const EXAMPLES = isLong ? 200 : 4
const seed = RONDO_TEST_SEED ?? (CI === 'true' && !isLong ? '20260101' : undefined)
const ADMIN = /first admin key, which is shown only now: (rondo_admin_\w+)/

const { argsOf, start } = pulseAppsForTests()

/** Some of everything that the routes show: an actor in a stage, an event that matches no signal, a refused one. */
async function sendEvents({ url }: RunningApp, headers: Record<string, string>): Promise<void> {
  const batch = ['Visit', 'Visits', 'Order', ''].map((event, at) => ({ type: 'track', event, userId: `u${at}`, messageId: `m${at}` }))
  expect(await post(`${url}/v1/batch`, { batch }, headers)).toMatchObject({ status: 200, body: { accepted: 3 } })
}

async function runSchemathesis(url: string, key: string): Promise<{ readonly code: number | null; readonly output: string }> {
  if (!existsSync(schemathesisPython)) throw new Error('Schemathesis is not installed. This installs it: npm test -- --only build,e2e openapi')
  const chosen = ['--phases', 'coverage,fuzzing,stateful', '--max-examples', String(EXAMPLES), ...(seed === undefined ? [] : ['--seed', seed])]
  const args = ['-m', 'schemathesis.cli', '--config-file', 'schemathesis.toml', 'run', `${url}/openapi.json`, ...chosen]
  // Its cache would be written beside the configuration.
  const env = { ...process.env, RONDO_KEY: key, PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(schemathesisPython, args, { cwd: join(root, 'test', 'openapi'), env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

it('the served OpenAPI document says what each route accepts, answers and refuses', async () => {
  const app = await start({ args: argsOf('--keys', 'required') })
  const key = ADMIN.exec(app.output)?.[1] ?? ''
  const headers = { authorization: `Bearer ${key}` }
  await sendEvents(app, headers)
  const { paths } = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: Record<string, object> }
  const operations = Object.values(paths).flatMap((path) => Object.keys(path)).length
  const { code, output } = await runSchemathesis(app.url, key)
  const [, failures = ''] = output.split(/^=+ (?:FAILURES|ERRORS) =+$/m)
  expect({ code, failures }).toEqual({ code: 0, failures: '' })
  // All but the route of the document itself, which it reads first, and the live stream, which has no end.
  expect(output).toMatch(new RegExp(`Tested: ${operations - 2}\\b`))
  expect(app.errors).not.toContain('RONDO_INTERNAL')
  expect((await fetch(`${app.url}/v1/cycles`, { headers })).status).toBe(200)
}, 3_600_000)
