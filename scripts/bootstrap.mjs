// The first step of every npm script. It installs missing packages, and then runs the script with the pinned Node.
// Plain JavaScript for Node 20 and later, because it runs in a fresh clone on the Node of the shell.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { exclusively } from './exclusive.mjs'
import { forwardHangup, ignoreEarlyHangup } from './hangup.mjs'
import { completeLockfile, isInstalled } from './lockfile.mjs'
import { endWithNpm } from './npm-ancestors.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'
const INSTALLING = join(root, '.cache', 'installing.json')

/** Two installations at the same time would remove each other's files. So the second one waits, and then finds all packages. */
async function install() {
  const wait = (pid) => process.stderr.write(`Another command (process ${pid}) is installing the packages; waiting for it …\n`)
  await exclusively(INSTALLING, wait, async (name) => {
    if (isInstalled(root)) return
    process.stderr.write('Installing packages (npm ci) …\n')
    // The warnings report only that the shell's Node is older than the pinned Node.
    const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
    if (npm.pid !== undefined) name(npm.pid)
    const [status] = await once(npm, 'exit').catch(() => [1])
    if (status === 0) return
    process.stderr.write('npm ci failed (its words are above), so there is nothing to run yet. It needs the npm registry; try again, or run it by hand.\n')
    process.exitCode = 1
  })
}

/**
 * Runs the pinned Node with the terminal, the signals and the exit code of this process. With RONDO_WRAPPER it ends when this process ends,
 * also after a kill.
 */
function run(args) {
  const node = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')
  const env = { ...process.env, RONDO_WRAPPER: String(process.pid) }
  const early = isStart ? ['--import', pathToFileURL(join(root, 'scripts', 'ignore-early-hangup.mjs')).href] : []
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...early, ...args], { cwd: root, stdio: 'inherit', env })
  // A terminal sends these to the child as well, and a second one would cut its orderly end short.
  process.on('SIGINT', () => {})
  if (isStart) forwardHangup(child)
  else process.on('SIGHUP', () => child.kill('SIGHUP'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  endWithNpm(() => child.kill('SIGTERM'))
  child.on('error', (error) => {
    process.stderr.write(`The pinned Node cannot be started (${error.message}). Delete node_modules and run npm ci.\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

const args = process.argv.slice(2)
/** An app, which takes a SIGHUP as a request to reload. */
const isStart = args[0] === 'scripts/start.ts'
if (isStart) ignoreEarlyHangup()
if (args[0] === '--complete-lockfile') {
  const added = completeLockfile(root)
  process.stdout.write(added.length === 0 ? 'package-lock.json is complete\n' : `added to package-lock.json:\n${added.join('\n')}\n`)
} else {
  // What another command installs just now may look whole before it is.
  if (!isInstalled(root) || existsSync(INSTALLING)) await install()
  if (args.length > 0 && process.exitCode === undefined) run(args)
}
