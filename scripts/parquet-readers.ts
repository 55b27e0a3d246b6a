import { join } from 'node:path'
import { installLocked, installPython, type LockedPrograms, lockedFolder } from './locked-folder.ts'

const programs: LockedPrograms = { name: 'readers', declaredIn: join('test', 'readers'), locks: ['requirements.txt'] }

/** Installs Apache Arrow and DuckDB, which read the archive in a test as other programs do; about 200 MB. */
export const installParquetReaders = (): Promise<boolean> => installLocked(programs, (folder) => [installPython(folder)])

/** The Python that has them. */
export const parquetReadersPython = join(lockedFolder(programs), 'python', 'bin', 'python')
