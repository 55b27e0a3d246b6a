import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.ts'
import { root } from './root.ts'

const main = join(root, 'dist', 'apps', 'standalone', 'src', 'main.js')

if ((await build({ onlyIfStale: true })) === 'built') process.stderr.write('Built.\n')
if (!existsSync(main)) {
  process.stderr.write('There is no apps/standalone/src/main.ts to start.\n')
  process.exit(1)
}
// Who names neither a folder nor a definition wants to see something: an empty folder is filled with the data that comes with Rondo.
const chosen = process.argv.slice(2)
const demo = chosen.some((arg) => /^--(data|definition)\b/.test(arg)) ? [] : ['--demo']
// The app takes this process over: signals reach it directly, and nothing of the build stays in memory.
process.execve?.(process.execPath, [process.execPath, '--disable-warning=ExperimentalWarning', '--enable-source-maps', main, ...demo, ...chosen], process.env)
