#!/usr/bin/env node
// Starts the command: in this process if its Node is new enough; otherwise, in a checkout, with the pinned Node.
// Plain JavaScript for Node 20 and later. It runs the built files; if the sources of a checkout have changed, they are built first.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { constants, homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { forwardHangup, ignoreEarlyHangup } from '../../../scripts/hangup.mjs'
import { endWithNpm } from '../../../scripts/npm-ancestors.mjs'

const NODE_MIN = [24, 9]
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const isCheckout = existsSync(join(root, 'apps', 'cli', 'src'))
const pinned = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const words = process.argv.slice(2)
const isStart = words[0] === 'start'
if (isStart) ignoreEarlyHangup()
const argumentsOfMain = isStart ? words.slice(1) : words
const main = join(root, 'dist', 'apps', isStart ? 'standalone' : 'cli', 'src', 'main.js')

/** Installs and builds what is missing; both under the locks that npm's scripts take. */
async function prepare() {
  const isInstalled = existsSync(pinned) && !existsSync(join(root, '.cache', 'installing.json'))
  const { isBuilt } = await import('../../../scripts/build-stamp.mjs')
  if (isInstalled && isBuilt(root)) return
  const args = [join(root, 'scripts', 'bootstrap.mjs'), join('scripts', 'build.ts'), '--if-stale']
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
}

async function runHere() {
  const cache = isCheckout ? join(root, '.cache', 'compile') : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rondo')
  if (!process.env.NODE_COMPILE_CACHE) nodeModule.enableCompileCache(cache)
  // Source maps cost time to read, so they are loaded only when stack traces are wanted.
  if (isStart || process.env.RONDO_DEBUG !== undefined) process.setSourceMapsEnabled(true)
  // The same as --disable-warning=ExperimentalWarning, which a running process cannot be given.
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] !== 'ExperimentalWarning' && rest[0]?.type !== 'ExperimentalWarning') emitWarning(warning, ...rest)
  }
  endWithNpm(() => process.kill(process.pid, 'SIGTERM'))
  process.argv = [process.execPath, main, ...argumentsOfMain]
  await import(pathToFileURL(main).href)
}

function runPinned() {
  // RONDO_WRAPPER makes the command end when this process ends, however it ends.
  const env = { ...process.env, RONDO_WRAPPER: String(process.pid), NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(root, '.cache', 'compile') }
  const maps = isStart || process.env.RONDO_DEBUG !== undefined ? ['--enable-source-maps'] : []
  const early = isStart ? ['--import', pathToFileURL(join(root, 'scripts', 'ignore-early-hangup.mjs')).href] : []
  const child = spawn(pinned, ['--disable-warning=ExperimentalWarning', ...early, ...maps, main, ...argumentsOfMain], { stdio: 'inherit', env })
  // A terminal sends these signals to the child as well, which then shuts down by itself.
  process.on('SIGINT', () => {})
  forwardHangup(child)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  endWithNpm(() => child.kill('SIGTERM'))
  child.on('error', (error) => {
    process.stderr.write(`The pinned Node cannot be started (${error.message}). Delete node_modules and run npm ci.\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isNewEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`)
} else {
  if (isCheckout) await prepare()
  if (isNewEnough) await runHere()
  else if (isCheckout) runPinned()
  else {
    process.stderr.write(`rondo: Rondo needs Node ${NODE_MIN.join('.')} or later; this is ${process.versions.node}.\n`)
    process.exit(1)
  }
}
