import type { FileFormat } from './database-file.ts'
import { OutputFrames } from './output-frames.ts'

const NAMES = `CREATE TABLE names (
      partition INTEGER NOT NULL,
      name TEXT NOT NULL,
      record TEXT NOT NULL,
      PRIMARY KEY (partition, name)
    ) STRICT`

/** state.db: the outputs of the processor, and its position. It may be behind log.db, never ahead of it. */
export const stateFile: FileFormat = {
  // "RNDS"
  applicationId: 0x524e4453,
  version: 5,
  upgrades: { 4: NAMES },
  remedy: 'Delete it: its content is folded again from log.db beside it.',
  pageBytes: 4096,
  schema: `
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE partitions (
      partition INTEGER PRIMARY KEY,
      epoch INTEGER NOT NULL,
      position TEXT,
      summary TEXT,
      crc INTEGER
    ) STRICT;
    ${OutputFrames.schema};
    CREATE TABLE late ("cursor" INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
    CREATE TABLE quarantine ("cursor" INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
    CREATE TABLE checkpoints (
      partition INTEGER NOT NULL,
      bucket INTEGER NOT NULL,
      stamp TEXT NOT NULL,
      crc INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (partition, bucket)
    ) STRICT;
    ${NAMES}`,
}
