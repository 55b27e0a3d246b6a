import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../scripts/root.ts'
import { isWorkload, type Manifest, type PodSpec, valuesOf } from './manifest.ts'

const run = promisify(execFile)
/** Where the maps and secrets of pods are mounted. */
const MOUNTED = /^\/(etc|run\/secrets)\/rondo/

/** A map as Kubernetes mounts it: links to a hidden folder, so that all files change at once. */
function mount(files: Readonly<Record<string, string>>, folder: string): void {
  mkdirSync(join(folder, '..2026_11_29'), { recursive: true })
  symlinkSync('..2026_11_29', join(folder, '..data'))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, '..data', name), text)
    symlinkSync(join('..data', name), join(folder, name))
  }
}

/** The variables that a container gets, with the files that are mounted there in a folder. */
export function settingsOf(manifests: readonly Manifest[], { containers: [container], volumes = [] }: PodSpec, folder: string): Record<string, string> {
  const maps = container.envFrom.map((from) => valuesOf(manifests, 'configMapRef' in from ? from.configMapRef.name : from.secretRef.name))
  const own = (container.env ?? []).map(({ name, value }) => [name, value])
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const { configMap, secret } = volumes.find((volume) => volume.name === name) ?? {}
    const map = configMap?.name ?? secret?.secretName
    if (map !== undefined) mount(valuesOf(manifests, map), join(folder, mountPath))
  }
  const settings: Record<string, string> = { ...Object.assign({}, ...maps), ...Object.fromEntries(own) }
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, MOUNTED.test(value) ? join(folder, value) : value]))
}

/** What the pods of an app are made from. */
export function podOf(manifests: readonly Manifest[], app: string): PodSpec {
  return (manifests.find((manifest) => isWorkload(manifest) && manifest.metadata.name === app) as Manifest).spec.template.spec
}

/** What an app reports on the settings that its pods get. @param folder for what is mounted */
export async function reportOn(manifests: readonly Manifest[], app: string, folder: string): Promise<string> {
  const env = settingsOf(manifests, podOf(manifests, app), folder)
  const { stderr } = await run(process.execPath, [join(root, 'dist', 'apps', app, 'src', 'main.js'), '--validate=settings'], { env })
  return stderr
}
