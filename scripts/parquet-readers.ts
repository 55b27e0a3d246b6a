import { join } from 'node:path'
import { pythonPrograms } from './locked-folder.ts'

/** Apache Arrow and DuckDB, which read the archive in a test as other programs do; about 200 MB. */
export const { install: installParquetReaders, python: parquetReadersPython } = pythonPrograms('readers', join('test', 'readers'))
