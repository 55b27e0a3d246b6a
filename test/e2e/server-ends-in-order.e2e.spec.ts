import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import { root } from '../../scripts/root.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'

let home: TemporaryFolder
let child: ChildProcess
let output = ''

beforeEach(async () => {
  await build({ onlyIfStale: true })
  home = temporaryFolder()
  writeFileSync(join(home.path, 'pulse.yaml'), PULSE)
})
afterEach(() => {
  for (const pid of [...descendantsOf(child.pid as number), child.pid as number]) kill(pid, 'SIGKILL')
  home[Symbol.dispose]()
})

const options = (): string[] => ['--port', '0', '--data', join(home.path, 'data'), '--definition', join(home.path, 'pulse.yaml')]

/** Starts the command in its own process group, as a terminal does. Resolves when the server listens. */
async function start(command: string, ...args: string[]): Promise<void> {
  output = ''
  child = spawn(command, args, { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk
    })
  await eventually(
    async () => output,
    (words) => words.includes('listens on'),
  )
}

function descendantsOf(pid: number): number[] {
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((file) => readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number))
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const server = (): number => descendantsOf(child.pid as number).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.js')) as number

async function expectEnd(pid: number): Promise<void> {
  await eventually(
    async () => kill(pid, 0),
    (runs) => !runs,
  )
  const log = readFileSync(join(home.path, 'data', 'log.db'))
  // An orderly shutdown closes the writer; a killed process leaves it open.
  expect(log.includes('writer.close')).toBe(true)
  await eventually(
    async () => output,
    (words) => /The process ends: .+\. Its exit code is 0\./.test(words),
  )
}

describe('the server shuts down in order', () => {
  it('when the process that started it is killed', async () => {
    await start(process.execPath, join('scripts', 'bootstrap.mjs'), 'scripts/start.ts', ...options())
    const pid = server()
    kill(child.pid as number, 'SIGKILL')
    await expectEnd(pid)
  })

  it('when rondo start gets SIGTERM', async () => {
    await start(process.execPath, join('apps', 'cli', 'bin', 'rondo.js'), 'start', ...options())
    kill(child.pid as number, 'SIGTERM')
    await once(child, 'close')
    await expectEnd(child.pid as number)
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)('when npm gets %s', async (signal) => {
    await start('npm', 'start', '--', ...options())
    const pid = server()
    kill(child.pid as number, signal)
    await expectEnd(pid)
  })

  it('when its terminal is closed', async () => {
    await start('npm', 'start', '--', ...options())
    const pid = server()
    kill(-(child.pid as number), 'SIGHUP')
    await once(child, 'close')
    await expectEnd(pid)
  })
})
