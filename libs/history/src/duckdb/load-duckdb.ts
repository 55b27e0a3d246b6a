import type * as duckdb from '@duckdb/node-api'
import { RondoError } from '#contracts'

/** The package that runs DuckDB in this process. */
export type DuckDb = typeof duckdb

let loaded: Promise<DuckDb> | undefined

/**
 * Loads DuckDB, once, when history is opened for the first time: it takes 70 MB on disk, and some of memory. Its binary comes as an optional package for
 * each kind of machine, so that Rondo can be installed where there is none.
 * @throws RondoError RONDO_HISTORY_UNAVAILABLE
 */
export function loadDuckDb(): Promise<DuckDb> {
  loaded ??= import('@duckdb/node-api').catch((cause: unknown) => {
    const machine = `${process.platform} ${process.arch}`
    const message = `DuckDB cannot be loaded on this machine (${machine}), so there is no history here; everything else works. Install the packages again (npm ci, with optional packages), run Rondo on a machine for which DuckDB exists, or switch history off (RONDO_HISTORY=off).`
    throw new RondoError('RONDO_HISTORY_UNAVAILABLE', message, { cause })
  })
  return loaded
}
