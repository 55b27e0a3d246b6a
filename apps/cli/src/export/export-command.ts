import type { Command } from 'commander'
import { CYCLE_OPTION } from '../server/cycle-head.ts'
import { DEFAULT_URL } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { ExportFlags } from './run-export.ts'

const HELP = `
Writes the history of a cycle of a running Rondo into files, for other programs: transitions, stays (from entering a stage to leaving it),
active (quarters of an hour in which an actor was active) and traits (the newest value of each). Each file appears under its name when it is
complete. A file that is there already is kept, so that the same command continues what was broken off; --replace writes it again.

Examples:
  rondo export                                     the four relations as CSV, into this folder
  rondo export stays --as parquet --into /backup   one of them, for DuckDB, pandas and others
  rondo export --from 2026-01-01T00:00:00Z --until 2026-02-01T00:00:00Z --cycle listener

A server that asks for a key gets the one in the variable RONDO_KEY, which needs the right to read.
`

/** `rondo export`. */
export function declareExport(program: Command, terminal: Terminal, setExitCode: (code: number) => void): void {
  program
    .command('export')
    .description('write the history of a cycle into files: CSV, NDJSON or Parquet')
    .argument('[relations...]', 'transitions, stays, active, traits; all of them unless named')
    .option('--url <url>', 'the server to ask', DEFAULT_URL)
    .option(...CYCLE_OPTION)
    .option('--as <format>', 'csv, ndjson or parquet', 'csv')
    .option('--into <folder>', 'where the files are written; it is created if it is missing', '.')
    .option('--from <time>', 'only what began at this time or later')
    .option('--until <time>', 'only what began before this time')
    .option('--replace', 'write files that are there already again')
    .addHelpText('after', HELP)
    .action(async (relations: readonly string[], flags: ExportFlags) =>
      setExitCode(await (await import('./run-export.ts')).runExport({ ...flags, relations }, terminal)),
    )
}
