import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './root.ts'

const INSTALL_MS_MAX = 600_000

/** Programs that tests run and that are no dependency of Rondo, so npm ci does not install them. */
export interface LockedPrograms {
  readonly name: string
  /** The folder of the lock files, which name the versions with their hashes. */
  readonly declaredIn: string
  readonly locks: readonly string[]
}

/** The folder of the installed programs. Its name follows from the versions, so the folder is never out of date. */
export function lockedFolder({ name, declaredIn, locks }: LockedPrograms): string {
  const digest = createHash('sha256')
  for (const lock of locks) digest.update(readFileSync(join(root, declaredIn, lock)))
  return join(root, '.cache', `${name}-${digest.digest('hex').slice(0, 12)}`)
}

/**
 * Installs the programs once. They are first installed in a temporary folder, so that an interrupted installation is not taken for a complete one.
 * @param installInto the installations into a folder that has the lock files; they run in parallel
 * @returns false if one of them failed; the output of their commands is on stderr
 */
export async function installLocked(programs: LockedPrograms, installInto: (folder: string) => readonly Promise<boolean>[]): Promise<boolean> {
  const folder = lockedFolder(programs)
  if (existsSync(folder)) return true
  const temporary = `${folder}.${process.pid}`
  mkdirSync(temporary, { recursive: true })
  try {
    for (const lock of programs.locks) copyFileSync(join(root, programs.declaredIn, lock), join(temporary, lock))
    const isInstalled = (await Promise.all(installInto(temporary))).every(Boolean)
    if (isInstalled && !existsSync(folder)) renameSync(temporary, folder)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  return existsSync(folder)
}

/** Installs the `requirements.txt` of a folder into the Python environment `python` in it. */
export async function installPython(folder: string): Promise<boolean> {
  if (!(await runs(folder, 'python3', '-m', 'venv', 'python'))) return false
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary=:all:']
  return runs(folder, join('python', 'bin', 'python'), ...pip, '-r', 'requirements.txt')
}

/** Programs of Python alone: how they are installed, and the Python that has them. */
export function pythonPrograms(name: string, declaredIn: string): { readonly install: () => Promise<boolean>; readonly python: string } {
  const programs: LockedPrograms = { name, declaredIn, locks: ['requirements.txt'] }
  return {
    install: () => installLocked(programs, (folder) => [installPython(folder)]),
    python: join(lockedFolder(programs), 'python', 'bin', 'python'),
  }
}

/** Runs a command in a folder. @returns whether it succeeded */
export async function runs(cwd: string, command: string, ...args: string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2], timeout: INSTALL_MS_MAX })
  const [status] = (await once(child, 'exit').catch(() => [1])) as [number | null]
  return status === 0
}
