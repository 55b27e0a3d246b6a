#!/usr/bin/env node
// Starts the command under the pinned Node, whatever Node the shell has: plain JavaScript for Node 20 and later.
// It runs the sources as they stand, so that nothing has to be built; what Node makes of them is kept in .cache, which halves the time to start.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endWithNpm } from '../../../scripts/npm-ancestors.mjs'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

if (!existsSync(node) || existsSync(join(root, '.cache', 'installing.json'))) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')], { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
}
// RONDO_WRAPPER lets the command end with us, however we end.
const env = { ...process.env, RONDO_WRAPPER: String(process.pid), NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || join(root, '.cache', 'compile') }
const main = join(root, 'apps', 'cli', 'src', 'main.ts')
const child = spawn(node, ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { stdio: 'inherit', env })
// A terminal sends these to the child as well, which ends in order.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
endWithNpm(() => child.kill('SIGTERM'))
child.on('error', (error) => {
  process.stderr.write(`The pinned Node cannot be started (${error.message}). Delete node_modules and run npm ci.\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
