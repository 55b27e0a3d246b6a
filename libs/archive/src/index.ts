export type { ArchivedLog } from './archived-log.ts'
export { FolderArchive } from './folder-archive.ts'
export { readArchive, verifiedEnd, verifyArchive } from './verify-archive.ts'
export { writeArchive } from './write-archive.ts'
