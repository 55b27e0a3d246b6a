import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
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
  output = ''
})
afterEach(() => {
  child.kill('SIGKILL')
  home[Symbol.dispose]()
})

/** Sends a SIGHUP to a process before it loads each module of an app. */
const HANGUP_AT_MODULES = `--import="data:text/javascript,import { registerHooks } from 'node:module'; registerHooks({ load(url, context, next) { if (url.includes('/dist/')) process.kill(process.pid, 'SIGHUP'); return next(url, context) } })"`

/** Whether a process has a listener for SIGHUP, which is signal 1: the first bit of the mask. Until then Node itself starts, and no program can listen. */
function listensForHangup(pid: number): boolean {
  const [, mask = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (BigInt(`0x${mask}`) & 1n) === 1n
}

describe('a server gets SIGHUP from its first moment on, again and again, and starts', () => {
  it.each([
    ['in rondo start', ['apps/cli/bin/rondo.js', 'start']],
    ['behind the script of npm', ['scripts/bootstrap.mjs', 'scripts/start.ts']],
  ])('%s, and reloads once it runs', async (_, command) => {
    const args = [...command, '--port', '0', '--metrics-port', '0', '--data', join(home.path, 'data'), '--definition', join(home.path, 'pulse.yaml')]
    child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, NODE_OPTIONS: HANGUP_AT_MODULES }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk
      })
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
    while (!hasEnded() && !listensForHangup(child.pid as number)) await setImmediate()
    let sent = 0
    while (!hasEnded() && !output.includes('listens on')) {
      child.kill('SIGHUP')
      sent += 1
      await setImmediate()
    }
    expect([child.exitCode, child.signalCode, sent > 10]).toEqual([null, null, true])
    await eventually(
      async () => output,
      (text) => text.includes('Reloaded (by signal): nothing has changed'),
    )
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
  })
})
