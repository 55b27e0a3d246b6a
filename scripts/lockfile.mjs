// What package-lock.json must hold, and whether node_modules holds what it names. Plain JavaScript for Node 20 and later: it runs before anything is installed.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PLATFORMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'openbsd', 'netbsd', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']

const read = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** Where Node would find `name` from the package at `from`, or undefined. */
function resolved(packages, from, name) {
  let folder = from
  for (;;) {
    const place = `${folder ? `${folder}/` : ''}node_modules/${name}`
    if (packages[place]) return place
    if (!folder) return undefined
    const parent = folder.lastIndexOf('node_modules/')
    folder = parent <= 0 ? '' : folder.slice(0, parent - 1)
  }
}

/**
 * Optional packages (native builds for other platforms) that the lock file leaves out. npm leaves one out where the registry that it asked
 * does not serve it, and then `npm ci` refuses the lock file everywhere.
 */
export function missingOptionals(lock) {
  const found = new Map()
  for (const [place, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!resolved(lock.packages, place, name)) found.set(`node_modules/${name}`, { name, version, dev: entry.dev === true })
    }
  }
  return found
}

/** An entry that tells npm for which machines the package is, read off its name (`…-linux-arm64-musl`), so that others pass it by. */
function entryOf({ name, version, dev }) {
  const words = name.split(/[-/]/)
  const os = PLATFORMS.filter((platform) => words.includes(platform))
  const cpu = PROCESSORS.filter((processor) => words.includes(processor))
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word === 'gnu' || word === 'gnueabihf') && os.includes('linux')
      ? ['glibc']
      : undefined
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`cannot tell from its name for which machine ${name} is: add it to package-lock.json by hand`)
  return { version, cpu, ...(dev ? { dev } : {}), ...(libc ? { libc } : {}), optional: true, os }
}

/** Adds what is missing to the lock file in `root`; returns the names. */
export function completeLockfile(root) {
  const path = join(root, 'package-lock.json')
  const lock = read(path)
  const missing = missingOptionals(lock)
  if (missing.size === 0) return []
  const added = [...missing].map(([place, dependency]) => [place, entryOf(dependency)])
  const [top, ...rest] = Object.entries(lock.packages)
  const sorted = [...rest, ...added].sort(([left], [right]) => left.localeCompare(right, 'en'))
  lock.packages = Object.fromEntries([top, ...sorted])
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  return [...missing.values()].map(({ name }) => name)
}

/** Whether node_modules in `root` holds every package that its lock file names for this machine, in that version. */
export function isInstalled(root) {
  const installedPath = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedPath) || !existsSync(join(root, 'node_modules', '.bin', 'node'))) return false
  const installed = read(installedPath).packages
  return Object.entries(read(join(root, 'package-lock.json')).packages).every(
    ([place, { version, optional, devOptional }]) => place === '' || installed[place]?.version === version || (!installed[place] && (optional || devOptional)),
  )
}
