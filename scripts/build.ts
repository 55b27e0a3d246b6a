import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { transform } from '@swc/core'
import { exclusively } from './exclusive.mjs'
import { root } from './root.ts'
import { swcOptions } from './swc-options.ts'

const STAMP = join(root, 'dist', '.stamp')
const EXCLUDED = /\.(spec|d)\.ts$|README\.md$|tsconfig/

/** Everything that belongs in dist: the sources of apps and libs, and the pages and styles beside them. */
function sources(): string[] {
  return globSync(['apps/*/src/**/*.*', 'libs/*/src/**/*.*'], { cwd: root })
    .filter((file) => !EXCLUDED.test(file))
    .sort()
}

/** Changes whenever a source is added, removed or touched, or the way of building is. */
function stampOf(files: string[]): string {
  const hash = createHash('sha256')
  for (const file of [...files, 'scripts/build.ts', 'scripts/swc-options.ts', 'package-lock.json']) {
    const { mtimeMs, size } = statSync(join(root, file))
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

async function emit(file: string): Promise<string[]> {
  const target = join('dist', file.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(join(root, target)), { recursive: true })
  const content = readFileSync(join(root, file))
  if (!file.endsWith('.ts')) {
    writeFileSync(join(root, target), content)
    return [target]
  }
  const jsc = { ...swcOptions.jsc, rewriteRelativeImportExtensions: true }
  const { code, map } = await transform(content.toString(), {
    ...swcOptions,
    jsc,
    filename: join(root, file),
    sourceFileName: relative(dirname(target), file),
    sourceMaps: true,
  } as never)
  const mapFile = `${target}.map`
  writeFileSync(join(root, target), `${code}\n//# sourceMappingURL=${mapFile.slice(mapFile.lastIndexOf('/') + 1)}\n`)
  if (map !== undefined) writeFileSync(join(root, mapFile), map)
  return [target, mapFile]
}

/** Builds dist from the sources unless it already stands for them. Two at once would write the same files: the second waits. */
export async function build({ onlyIfStale = false } = {}): Promise<'built' | 'fresh'> {
  if (onlyIfStale && isFresh()) return 'fresh'
  const wait = (pid: number): void => void process.stderr.write(`Another command (process ${pid}) is building; waiting for it …\n`)
  return exclusively(join(root, '.cache', 'building.json'), wait, async () => (onlyIfStale && isFresh() ? 'fresh' : emitAll()))
}

function isFresh(): boolean {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stampOf(sources())
}

async function emitAll(): Promise<'built'> {
  const files = sources()
  const stamp = stampOf(files)
  rmSync(STAMP, { force: true })
  const written = new Set((await Promise.all(files.map(emit))).flat())
  for (const file of globSync('dist/**/*.*', { cwd: root })) if (!written.has(file)) rmSync(join(root, file))
  writeFileSync(STAMP, stamp)
  return 'built'
}

if (import.meta.main) await build()
