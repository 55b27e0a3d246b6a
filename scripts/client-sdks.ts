import { join } from 'node:path'
import { installLocked, installPython, type LockedPrograms, lockedFolder, runs } from './locked-folder.ts'

const sdks: LockedPrograms = {
  name: 'clients',
  declaredIn: join('test', 'clients'),
  locks: ['package.json', 'package-lock.json', 'requirements.txt', 'java-jars.xml'],
}

/** The folder of the installed SDKs: `node_modules`, the Python environment `python`, and the jars in `java`. */
export const clientSdks = lockedFolder(sdks)

/**
 * Installs the SDKs of other systems with the versions of test/clients, about 100 MB.
 * @returns false if an installation failed; the output of npm, pip and Maven is on stderr
 */
export function installClientSdks(): Promise<boolean> {
  return installLocked(sdks, (folder) => [
    runs(folder, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'),
    installPython(folder),
    runs(folder, 'mvn', '-q', '-B', '-f', 'java-jars.xml', 'dependency:copy-dependencies', '-DoutputDirectory=java'),
  ])
}
