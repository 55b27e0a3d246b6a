import { readFileSync } from 'node:fs'
import { type LoadHookSync, registerHooks } from 'node:module'
import { sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transformSync } from '@swc/core'
import { root } from './root.ts'
import { swcOptions } from './swc-options.ts'

const APPS = pathToFileURL(`${root}${sep}apps${sep}`).href

/** Node removes types, but cannot run decorators: the sources of the apps are compiled when they are imported. */
const load: LoadHookSync = (url, context, next) => {
  if (!url.startsWith(APPS) || !url.endsWith('.ts')) return next(url, context)
  const filename = fileURLToPath(url)
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...swcOptions, filename } as never)
  return { format: 'module', source: code, shortCircuit: true }
}

/** Lets a script import controllers of Nest as they are in the sources. */
export function readDecoratedSources(): void {
  registerHooks({ load })
}
