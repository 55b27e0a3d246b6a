import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { isBuilt } from '../../scripts/build-stamp.mjs'
import { exclusively } from '../../scripts/exclusive.mjs'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'

const home = temporaryFolder()
const clone = join(home.path, 'clone')
const npmCalls = join(home.path, 'npm-calls')
/** A script that replaces npm. It writes down its arguments, and links the packages of this checkout instead of a download. */
const NPM = `#!/bin/sh\necho "$*" >> '${npmCalls}'\nln -s '${join(root, 'node_modules')}' node_modules\n`
const env = { PATH: [join(home.path, 'bin'), dirname(process.execPath), process.env.PATH].join(delimiter), HOME: home.path }

/** A command in a fresh clone. */
interface FirstCommand {
  output: string
  readonly ended: Promise<unknown>
}

function start(...args: string[]): FirstCommand {
  const child = spawn(process.execPath, args, { cwd: clone, env })
  const command = { output: '', ended: once(child, 'close') }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      command.output += chunk
    })
  return command
}

beforeAll(() => {
  for (const part of ['apps', 'libs', 'scripts', 'deploy', 'package.json', 'package-lock.json'])
    cpSync(join(root, part), join(clone, part), { recursive: true, preserveTimestamps: true })
  mkdirSync(join(home.path, 'bin'))
  writeFileSync(join(home.path, 'bin', 'npm'), NPM)
  chmodSync(join(home.path, 'bin', 'npm'), 0o755)
})

afterAll(() => home[Symbol.dispose]())

/** The commands `npm start` and `npx rondo`. The test holds the locks until both commands wait for them, so both always run at the same time. */
describe('two first commands at once, in a checkout without packages', () => {
  it('install once and build once, and both succeed', async () => {
    const lock = (name: string): string => join(clone, '.cache', `${name}.json`)
    const failToWait = (pid: number): never => {
      throw new Error(`process ${pid} holds a lock of this test`)
    }
    let commands: FirstCommand[] = []
    const allWrite = (text: string): Promise<FirstCommand[]> =>
      eventually(
        () => commands,
        (all) => all.every(({ output }) => output.includes(text)),
      )
    await exclusively(lock('building'), failToWait, async () => {
      await exclusively(lock('installing'), failToWait, async () => {
        commands = [
          start(join('scripts', 'bootstrap.mjs'), join('scripts', 'start.ts'), '--validate'),
          start(join('apps', 'cli', 'bin', 'rondo.js'), 'definition', 'check', join('deploy', 'cycles', 'listener.yaml')),
        ]
        await allWrite(`Another command (process ${process.pid}) is installing the packages; waiting for it`)
        expect(existsSync(npmCalls)).toBe(false)
      })
      await allWrite(`Another command (process ${process.pid}) is building; waiting for it`)
      expect(existsSync(join(clone, 'dist'))).toBe(false)
    })
    expect(await Promise.all(commands.map(({ ended }) => ended))).toEqual([
      [0, null],
      [0, null],
    ])
    expect(
      commands
        .map(({ output }) => output)
        .join('')
        .match(/^(Built|Installing)\b/gm),
    ).toHaveLength(2)
    expect(commands.map(({ output }) => /settings are good|listener\.yaml: \w+, \d+ warnings/.test(output))).toEqual([true, true])
    expect(readFileSync(npmCalls, 'utf8')).toBe('ci --no-audit --no-fund --loglevel=error\n')
    expect({ built: isBuilt(clone), left: globSync('**/*.part', { cwd: clone, exclude: ['node_modules'] }) }).toEqual({ built: true, left: [] })
  })
})
