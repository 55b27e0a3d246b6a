import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

const DECLARED = join(root, 'test', 'clients')
const LOCKS = ['package.json', 'package-lock.json', 'requirements.txt', 'java-jars.xml'] as const
const INSTALL_MS_MAX = 600_000

const digest = createHash('sha256')
for (const name of LOCKS) digest.update(readFileSync(join(DECLARED, name)))

/**
 * The folder of the installed SDKs: `node_modules`, the Python environment `python`, and the jars in `java`. Its name follows from the versions, so the
 * folder is never out of date.
 */
export const clientSdks = join(root, '.cache', `clients-${digest.digest('hex').slice(0, 12)}`)

/**
 * Installs the SDKs of other systems with the versions of test/clients, about 100 MB. They are no dependency of Rondo, so npm ci does not install
 * them. They are first installed in a temporary folder, so that an interrupted installation is not taken for a complete one.
 * @returns false if an installation failed; the output of npm, pip and Maven is on stderr
 */
export async function installClientSdks(): Promise<boolean> {
  if (existsSync(clientSdks)) return true
  const temporary = `${clientSdks}.${process.pid}`
  mkdirSync(temporary, { recursive: true })
  try {
    for (const name of LOCKS) copyFileSync(join(DECLARED, name), join(temporary, name))
    const installations = [
      runs(temporary, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'),
      installPython(temporary),
      runs(temporary, 'mvn', '-q', '-B', '-f', 'java-jars.xml', 'dependency:copy-dependencies', '-DoutputDirectory=java'),
    ]
    const isInstalled = (await Promise.all(installations)).every(Boolean)
    if (isInstalled && !existsSync(clientSdks)) renameSync(temporary, clientSdks)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return existsSync(clientSdks)
}

async function installPython(folder: string): Promise<boolean> {
  if (!(await runs(folder, 'python3', '-m', 'venv', 'python'))) return false
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary=:all:']
  return runs(folder, join('python', 'bin', 'python'), ...pip, '-r', 'requirements.txt')
}

async function runs(cwd: string, command: string, ...args: string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2], timeout: INSTALL_MS_MAX })
  const [status] = (await once(child, 'exit').catch(() => [1])) as [number | null]
  return status === 0
}
