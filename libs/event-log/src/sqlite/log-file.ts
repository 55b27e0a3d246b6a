import type { FileFormat } from './database-file.ts'
import { HeldFrames } from './held-frames.ts'

const ACTS = 'CREATE TABLE acts ("cursor" INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT'

/** log.db: the frames of `activity`, written by ingest alone, and held frames. Offsets count from 0 in each partition, without gaps. */
export const logFile: FileFormat = {
  // "RNDL"
  applicationId: 0x524e444c,
  version: 3,
  upgrades: { 1: HeldFrames.schema, 2: ACTS },
  // A frame has some ten thousand bytes: it fits into a few pages.
  pageBytes: 16_384,
  givesSpaceBack: true,
  schema: `
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE frames (
      partition INTEGER NOT NULL,
      "offset" INTEGER NOT NULL,
      crc INTEGER NOT NULL,
      frame TEXT NOT NULL,
      PRIMARY KEY (partition, "offset")
    ) STRICT;
    CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE quarantine ("cursor" INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
    ${HeldFrames.schema};
    ${ACTS}`,
}
