import { join } from 'node:path'
import { installLocked, installPython, type LockedPrograms, lockedFolder } from './locked-folder.ts'

const programs: LockedPrograms = { name: 'lifelines', declaredIn: join('test', 'statistics'), locks: ['requirements.txt'] }

/** Installs lifelines, with which survival curves are compared in a test; about 300 MB. */
export const installLifelines = (): Promise<boolean> => installLocked(programs, (folder) => [installPython(folder)])

/** The Python that has it. */
export const lifelinesPython = join(lockedFolder(programs), 'python', 'bin', 'python')
