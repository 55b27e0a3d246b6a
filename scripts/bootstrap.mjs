// The first step of every npm script: installs the packages where they are missing, then goes on under the pinned Node.
// Plain JavaScript for Node 20 and later, because it runs in a fresh clone on whatever Node the shell has.
import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { completeLockfile, isInstalled } from './lockfile.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'

function install() {
  process.stderr.write('Installing packages (npm ci) …\n')
  // Warnings only say that the shell's Node is older than the one that is being installed here.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2], shell: windows })
  if (status !== 0) {
    process.stderr.write('npm ci failed (its words are above), so there is nothing to run yet. It needs the npm registry; try again, or run it by hand.\n')
    process.exit(1)
  }
}

/** npm, told to end, ends only the shell between itself and us; without this the app would live on, unseen, and hold its port. */
function endWithNpm(child) {
  const parent = process.ppid
  if (!process.env.npm_lifecycle_event || windows) return
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, 250)
  watch.unref()
}

/** Runs the pinned Node in our place: same terminal, same signals, same exit code. */
function run(args) {
  const node = join(root, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], { cwd: root, stdio: 'inherit' })
  process.on('SIGINT', () => {}) // A terminal sends it to the child as well, and a second one would cut its orderly end short.
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  endWithNpm(child)
  child.on('error', (error) => {
    process.stderr.write(`The pinned Node cannot be started (${error.message}). Delete node_modules and run npm ci.\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

const args = process.argv.slice(2)
if (args[0] === '--complete-lockfile') {
  const added = completeLockfile(root)
  process.stdout.write(added.length === 0 ? 'package-lock.json is complete\n' : `added to package-lock.json:\n${added.join('\n')}\n`)
} else {
  if (!isInstalled(root)) install()
  if (args.length > 0) run(args)
}
