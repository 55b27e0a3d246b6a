import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

const DECLARED = join(root, 'test', 'clients')
const LOCKS = ['package.json', 'package-lock.json', 'requirements.txt'] as const
const INSTALL_MS_MAX = 600_000

const digest = createHash('sha256')
for (const name of LOCKS) digest.update(readFileSync(join(DECLARED, name)))

/** The folder of the installed SDKs: `node_modules`, and the Python environment `python`. Its name follows from the versions, so it is never out of date. */
export const clientSdks = join(root, '.cache', `clients-${digest.digest('hex').slice(0, 12)}`)

/**
 * Installs the SDKs of other systems with the versions of test/clients, about 60 MB. They are no dependency of Rondo, so npm ci does not install
 * them. They are first installed in a temporary folder, so that an interrupted installation is not taken for a complete one.
 * @returns false if an installation failed; the output of npm and pip is on stderr
 */
export function installClientSdks(): boolean {
  if (existsSync(clientSdks)) return true
  const temporary = `${clientSdks}.${process.pid}`
  mkdirSync(temporary, { recursive: true })
  try {
    for (const name of LOCKS) copyFileSync(join(DECLARED, name), join(temporary, name))
    const isInstalled =
      runs(temporary, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error') &&
      runs(temporary, 'python3', '-m', 'venv', 'python') &&
      runs(temporary, join('python', 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--require-hashes', '--only-binary=:all:', '-r', 'requirements.txt')
    if (isInstalled && !existsSync(clientSdks)) renameSync(temporary, clientSdks)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return existsSync(clientSdks)
}

function runs(cwd: string, command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], timeout: INSTALL_MS_MAX }).status === 0
}
