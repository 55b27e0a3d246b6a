import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { root } from './root.ts'

/** Where the sources of the dashboard are. */
export const DASHBOARD = 'apps/dashboard/src/'
/** The folder, below dist, of the files that serving gives to browsers. */
const FILES = 'dist/apps/serving/src/page/files'

/** A file that a browser loads. */
export interface BundledFile {
  /** Its path from the root of the checkout. */
  readonly target: string
  readonly content: Buffer
}

/** The dashboard as one script and one style sheet, and the web component as another script, with the licences of the packages that are in them. */
export async function bundleDashboard(): Promise<BundledFile[]> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      ...[`${DASHBOARD}main.tsx`, `${DASHBOARD}styles/dashboard.css`].map((file) => ({ in: file, out: 'dashboard' })),
      { in: `${DASHBOARD}embed/rondo-stages.ts`, out: 'rondo-stages' },
    ],
    outdir: FILES,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  })
  const files = outputFiles.map(({ path, contents }) => ({ target: `${FILES}/${basename(path)}`, content: Buffer.from(contents) }))
  return [...files, { target: `${FILES}/licences.txt`, content: Buffer.from(licencesOf(Object.keys(metafile.inputs))) }]
}

/** The licence of each package among the bundled files: what is copied must carry it. */
function licencesOf(inputs: readonly string[]): string {
  const packages = new Set(inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter((name) => name !== undefined))
  return [...packages].sort().map(licenceOf).join('\n')
}

function licenceOf(name: string): string {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string; license: string }
  const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''
  return `${name} ${version} (${license})\n\n${text.trim()}\n`
}
