import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { transform } from '@swc/core'
import { isBuilt, sources, stampFile, stampOf } from './build-stamp.mjs'
import { bundleDashboard, DASHBOARD } from './bundle-dashboard.ts'
import { exclusively } from './exclusive.mjs'
import { root } from './root.ts'
import { swcOptions } from './swc-options.ts'

/** Replaces a file in one step, so that a running command never loads an incomplete file. */
function replaceFile(target: string, content: string | Buffer): void {
  const written = join(root, `${target}.${process.pid}.part`)
  writeFileSync(written, content)
  renameSync(written, join(root, target))
}

async function emit(file: string): Promise<string[]> {
  const target = join('dist', file.replace(/\.ts$/, '.js'))
  mkdirSync(dirname(join(root, target)), { recursive: true })
  const content = readFileSync(join(root, file))
  if (!file.endsWith('.ts')) {
    replaceFile(target, content)
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
  replaceFile(target, `${code}\n//# sourceMappingURL=${mapFile.slice(mapFile.lastIndexOf('/') + 1)}\n`)
  if (map !== undefined) replaceFile(mapFile, map)
  return [target, mapFile]
}

/** The dashboard runs in a browser, which loads few files. */
async function emitDashboard(): Promise<string[]> {
  const files = await bundleDashboard()
  for (const { target, content } of files) {
    mkdirSync(dirname(join(root, target)), { recursive: true })
    replaceFile(target, content)
  }
  return files.map(({ target }) => target)
}

/** Builds dist from the sources; with `onlyIfStale` only if dist is out of date. A second build waits for the first one, because both write the same files. */
export async function build({ onlyIfStale = false } = {}): Promise<void> {
  if (onlyIfStale && isBuilt(root)) return
  const wait = (pid: number): void => void process.stderr.write(`Another command (process ${pid}) is building; waiting for it …\n`)
  await exclusively(join(root, '.cache', 'building.json'), wait, async () => {
    if (!(onlyIfStale && isBuilt(root))) await emitAll()
  })
}

async function emitAll(): Promise<void> {
  const files = sources(root)
  const stamp = stampOf(root, files)
  rmSync(stampFile(root), { force: true })
  const emitted = files.filter((file) => !file.startsWith(DASHBOARD)).map(emit)
  const written = new Set((await Promise.all([...emitted, emitDashboard()])).flat())
  for (const file of globSync('dist/**/*.*', { cwd: root })) if (!written.has(file)) rmSync(join(root, file))
  writeFileSync(stampFile(root), stamp)
  process.stderr.write('Built.\n')
}

if (import.meta.main) await build({ onlyIfStale: process.argv.includes('--if-stale') })
