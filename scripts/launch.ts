import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.ts'
import { root } from './root.ts'

/** Builds dist if it is out of date, and replaces this process by the app. So signals reach the app directly, and the build uses no memory any more. */
export async function launch(app: string, args: readonly string[]): Promise<void> {
  const main = join(root, 'dist', 'apps', app, 'src', 'main.js')
  await build({ onlyIfStale: true })
  if (!existsSync(main)) {
    process.stderr.write(`There is no apps/${app}/src/main.ts to start.\n`)
    process.exit(1)
  }
  const early = pathToFileURL(join(root, 'scripts', 'ignore-early-hangup.mjs')).href
  const flags = ['--disable-warning=ExperimentalWarning', '--enable-source-maps', '--import', early]
  process.execve?.(process.execPath, [process.execPath, ...flags, main, ...args], process.env)
}
