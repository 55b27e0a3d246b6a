// Whether dist was built from the present sources. Plain JavaScript for Node 20 and later: the command asks before anything is installed.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

const EXCLUDED = /\.(spec|d)\.ts$|README\.md$|tsconfig/

export const stampFile = (root) => join(root, 'dist', '.stamp')

/** Everything that belongs in dist, as paths from `root`: the sources of apps and libs, and the pages and styles beside them. */
export function sources(root) {
  const folders = ['apps', 'libs'].flatMap((room) => readdirSync(join(root, room)).map((name) => join(room, name, 'src')))
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.includes('.') && !entry.name.startsWith('.') && !EXCLUDED.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll(sep, '/'),
    )
    .sort()
}

/** Changes whenever a source is added, removed or touched, or the way of building is. */
export function stampOf(root, files) {
  const hash = createHash('sha256')
  for (const file of [...files, 'scripts/build.ts', 'scripts/bundle-dashboard.ts', 'scripts/swc-options.ts', 'package-lock.json']) {
    const { mtimeMs, size } = statSync(join(root, file))
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

export function isBuilt(root) {
  const stamp = stampFile(root)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(root, sources(root))
}
