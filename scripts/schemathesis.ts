import { join } from 'node:path'
import { installLocked, installPython, type LockedPrograms, lockedFolder } from './locked-folder.ts'

const programs: LockedPrograms = { name: 'schemathesis', declaredIn: join('test', 'openapi'), locks: ['requirements.txt'] }

/** Installs Schemathesis, which sends requests that follow an OpenAPI document, and requests that do not; about 100 MB. */
export const installSchemathesis = (): Promise<boolean> => installLocked(programs, (folder) => [installPython(folder)])

/** The Python that has it. Its own command would have the path of the folder in which it was installed first. */
export const schemathesisPython = join(lockedFolder(programs), 'python', 'bin', 'python')
