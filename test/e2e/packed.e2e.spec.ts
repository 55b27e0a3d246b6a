import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { publint } from 'publint'
import { temporaryFolder } from '#runtime'
import { root } from '../../scripts/root.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'

const home = temporaryFolder()
const at = (...parts: string[]): string => join(home.path, ...parts)
const installed = at('unpacked', 'package')
/** An environment without variables of the checkout and of the npm that runs the test. */
const env = {
  PATH: [at('prefix', 'bin'), dirname(process.execPath), process.env.PATH].join(':'),
  HOME: at('home'),
}
/** A program that uses functions of `rondo/contracts`. The example of the guide uses only types of this library. */
const CONTRACTS = `import { activityEventSchema, formatInstant, instantOf } from 'rondo/contracts'
  const time = '2026-01-01T00:00:00.000Z'
  const parsed = activityEventSchema.parse({ id: '1', actor: { type: 'user', id: 'u' }, event: 'Visit', time, receivedAt: time })
  console.log(parsed.event + ' at ' + formatInstant(instantOf(parsed.time)))`
let server: ChildProcess | undefined

/** A package in the lock file. */
interface Locked {
  readonly dev?: true
}

/** The packages that an installation would download: those of `dependencies` in the lock file. */
function linkDependencies(): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  for (const [path, { dev }] of Object.entries(packages)) {
    if (dev || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !existsSync(join(root, path))) continue
    mkdirSync(dirname(join(installed, path)), { recursive: true })
    symlinkSync(join(root, path), join(installed, path))
  }
}

function rondo(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync('rondo', args, { cwd: home.path, env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Resolves when `rondo start` has printed a match of `pattern`, or has ended without it. */
async function started(pattern: RegExp, ...options: string[]): Promise<{ child: ChildProcess; output: string }> {
  const cwd = at('started')
  mkdirSync(cwd, { recursive: true })
  const child = spawn('rondo', ['start', '--port', '0', ...options], { cwd, env })
  server = child
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  await eventually(
    () => output,
    (text) => pattern.test(text) || child.exitCode !== null,
  )
  return { child, output }
}

beforeAll(() => {
  mkdirSync(at('unpacked'))
  execFileSync('npm', ['pack', '--pack-destination', home.path], { cwd: root, env: { ...process.env, PATH: env.PATH }, stdio: 'pipe' })
  execFileSync('tar', ['xzf', ...globSync('rondo-*.tgz', { cwd: home.path }), '-C', 'unpacked'], { cwd: home.path })
  linkDependencies()
  execFileSync('npm', ['install', '--global', '--offline', '--prefix', at('prefix'), installed], { cwd: home.path, env, stdio: 'pipe' })
  writeFileSync(at('pulse.yaml'), PULSE)
  const visits = Array.from({ length: 20 }, (_, n) => `u${n % 4},${new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString()}`)
  writeFileSync(at('visits.csv'), `who,time\n${visits.join('\n')}\n`)
})

afterEach(() => {
  server?.kill('SIGKILL')
  server = undefined
})

afterAll(() => home[Symbol.dispose]())

const visits = ['--input', 'visits.csv', '--csv', '--actor', 'who', '--time', 'time', '--event', 'Visit']

describe('the packed command, installed outside of the checkout', () => {
  it('has the files that it needs, and no others', () => {
    const files = globSync('**/*.*', { cwd: installed, exclude: ['node_modules'] })
    expect(files.filter((path) => /(^|\/)(src\/.*(?<!\.d)\.ts|test\/.*|.*\.spec\..*|.*\.map)$/.test(path))).toEqual([])
    expect(files).toEqual(
      expect.arrayContaining([
        'deploy/cycles/shopper.yaml',
        ...['index.html', 'dashboard.js', 'dashboard.css', 'licences.txt'].map((name) => `dist/apps/serving/src/page/files/${name}`),
      ]),
    )
  })

  it('has no defect of packaging that publint finds', async () => {
    expect((await publint({ pkgDir: installed, pack: false, strict: true })).messages).toEqual([])
  })

  it('prints its version and checks a definition', () => {
    expect(rondo('--version').stdout).toBe(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`)
    expect(rondo('definition', 'check', 'pulse.yaml')).toMatchObject({ status: 0 })
  })

  it('replays, and imports into a folder', () => {
    const replayed = rondo('replay', '--definition', 'pulse.yaml', ...visits)
    expect({ status: replayed.status, first: JSON.parse(replayed.stdout.split('\n')[0] ?? '').to }).toEqual({ status: 0, first: 'here' })
    expect(rondo('import', '--data', 'imported', '--definition', 'pulse.yaml', ...visits)).toMatchObject({ status: 0 })
    expect(existsSync(at('imported', 'log.db'))).toBe(true)
  })

  it('starts, answers, imports over HTTP and ends on SIGTERM', async () => {
    const { child, output } = await started(/listens on/, '--data', at('data'), '--definition', at('pulse.yaml'))
    const [url = output] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? []
    expect((await fetch(`${url}/v1/cycles/pulse/stages`)).status).toBe(200)
    expect(rondo('import', '--url', url, ...visits)).toMatchObject({ status: 0 })
    const actors = async (): Promise<number> => {
      const feed = (await (await fetch(`${url}/v1/transitions?after=0&limit=1000`)).json()) as { items: { output: { actor: { id: string } } }[] }
      return new Set(feed.items.map(({ output }) => output.actor.id)).size
    }
    await eventually(actors, (count) => count === 4)
    expect((await fetch(url)).status).toBe(200)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })

  it('starts without options on the shipped purchases, and shows commands that work here', async () => {
    const { output } = await started(/Try:/)
    expect(output).toContain('69659 purchases are in.')
    const [, command = output] = /^ {2}(.* tail\b.*?) {4}/m.exec(output) ?? []
    expect(rondo(...command.split(' ').slice(1), '--help')).toMatchObject({ status: 0 })
    expect(command).toMatch(/^rondo /)
    const [, actor = output] = /\/v1\/actors\/user\/(\d+)/.exec(output) ?? []
    expect(rondo('explain', actor, ...command.split(' ').slice(2))).toMatchObject({ status: 0, stdout: expect.stringContaining(actor) })
  })
})

describe('the packed libraries', () => {
  it('compile strictly in another project, and run: the example of the guide', () => {
    const [, example = ''] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(root, 'docs/guides/use-as-a-library.md'), 'utf8')) ?? []
    mkdirSync(at('consumer', 'node_modules'), { recursive: true })
    symlinkSync(installed, at('consumer', 'node_modules', 'rondo'))
    symlinkSync(join(root, 'node_modules', '@types'), at('consumer', 'node_modules', '@types'))
    writeFileSync(at('consumer', 'package.json'), '{ "type": "module" }')
    writeFileSync(at('consumer', 'example.ts'), example)
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', 'example.ts']
    const run = (...args: string[]): string => {
      const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: at('consumer'), env, encoding: 'utf8' })
      return stdout + stderr
    }
    expect(run(join(root, 'node_modules/typescript/bin/tsc'), ...options)).toBe('')
    expect(run('example.js')).toBe('passed: a visitor who stays away is away after 30 days\n')
    expect(run('--input-type=module', '--eval', CONTRACTS)).toBe('Visit at 2026-01-01T00:00:00.000Z\n')
  })
})
