import type { FileFormat } from './database-file.ts'

/** buffer.db: frames that wait for Kafka, what is known of the log of each of their partitions, and the writers that have not been closed. */
export const bufferFile: FileFormat = {
  // "RNDB"
  applicationId: 0x524e4442,
  version: 1,
  pageBytes: 16_384,
  schema: `
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE frames (
      "number" INTEGER PRIMARY KEY,
      topic TEXT NOT NULL,
      partition INTEGER NOT NULL,
      arrival INTEGER NOT NULL,
      events INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      crc INTEGER NOT NULL,
      frame TEXT NOT NULL
    ) STRICT;
    CREATE INDEX parts ON frames (topic, partition, "number");
    CREATE TABLE ends (topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, PRIMARY KEY (topic, partition)) STRICT;
    CREATE TABLE writers (id TEXT PRIMARY KEY) STRICT`,
}
